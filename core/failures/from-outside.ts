import type { HelperRequest, HelperResult } from '../../contract/helper'
import { cleanText } from '../text/clean-text'
import { assembleFailure, type KnownFailure } from './failure'
import type { ScriptSaid } from './failure-row'
import { type FailureCode, failureCodes, failureRows } from './rows'

type Raised = { readonly [N in string]?: FailureCode }

/** From the name under which a helper or a script fails to the row that claims it. */
function raisedBy(source: 'helper' | 'script'): Raised {
  return Object.fromEntries(
    failureCodes.flatMap((code) => (failureRows[code][source]?.names ?? []).map((name) => [name, code])),
  )
}

export const helperNames = raisedBy('helper')
export const scriptNames = raisedBy('script')

/** The helper's refusal. Its code says what became of the change and comes first; the reason is only why. */
export function failureOfHelper(
  request: HelperRequest,
  { code: result, reason = 'internal', detail = '', said }: HelperResult,
): KnownFailure {
  const code = helperNames[result] ?? helperNames[reason] ?? 'HELPER_FAILED'
  const facts = { ...placeOf(request), ...failureRows[code].helper?.facts?.({ request, detail, said }) }
  return assembleFailure(code, facts, cleanText(detail))
}

function placeOf(request: HelperRequest): { builder?: string; host?: string } {
  if ('builder' in request) return { builder: request.builder.id, host: request.builder.host }
  return 'id' in request ? { builder: request.id } : {}
}

/** `error NAME TEXT` of a script; one that no row claims is that of another version. */
export function failureOfScript(said: ScriptSaid): KnownFailure {
  const code = (Object.hasOwn(scriptNames, said.name) && scriptNames[said.name]) || 'REMOTE_SCRIPT_FAILED'
  const source = failureRows[code].script
  const detail = source?.detail?.(said) ?? (source?.facts ? '' : said.text)
  return assembleFailure(code, source?.facts?.(said) ?? {}, detail)
}
