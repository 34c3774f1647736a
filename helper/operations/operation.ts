import type { HelperResult } from '../../contract/helper'
import type { Context } from './apply-state'

/** What an operation that went well adds to its result. */
export type OperationResult = Partial<Omit<HelperResult, 'type' | 'code' | 'reason'>>

/** One function for each operation of a program, and no other. */
export type Operations<R extends { readonly op: string }> = {
  readonly [Op in R['op']]: (context: Context, request: Extract<R, { op: Op }>) => Promise<OperationResult>
}
