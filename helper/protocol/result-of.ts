import type { HelperReason, HelperResult } from '../../contract/helper'
import { Refusal } from './refusal'

/** What a system call says (errno(3)), where that alone is the cause. */
const reasons: Readonly<Record<string, HelperReason>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EIO: 'disk-broken',
  EMFILE: 'too-many-files',
  ENFILE: 'too-many-files',
}

/** The result of an operation that ended with an error, expected or not. */
export function resultOf(error: unknown): HelperResult {
  if (error instanceof Refusal) {
    const { code, reason, detail, said } = error
    return { type: 'result', code, ...(reason ? { reason } : {}), detail, ...(said ? { said } : {}) }
  }
  if (!(error instanceof Error))
    return { type: 'result', code: 'NEEDS_ATTENTION', reason: 'internal', detail: String(error) }
  const { code = '', path, message } = error as NodeJS.ErrnoException
  const where = path !== undefined && !message.includes(path) ? `: ${path}` : ''
  const reason = (Object.hasOwn(reasons, code) && reasons[code]) || 'internal'
  return { type: 'result', code: 'NEEDS_ATTENTION', reason, detail: `${message}${where}` }
}
