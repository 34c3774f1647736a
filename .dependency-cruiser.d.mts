import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

declare const table: {
  readonly forbidden: (IForbiddenRuleType & { readonly name: string; readonly comment: string })[]
  readonly options: ICruiseOptions
}
export default table
