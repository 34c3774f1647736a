import type { Failure, FailureCode } from '../contract/failure'
import type { LogEvent, LogFields, WriteLog } from '../core/log/entry'
import { errorFields, failureFields } from '../core/log/error-fields'

/** A failure on its way up. Everything that throws on purpose throws this; the code decides the words. */
export class FailureError extends Error {
  override readonly name = 'FailureError'
  constructor(readonly failure: Failure) {
    super(failure.code)
  }
}

/** Ends the current step with a failure of the closed list. `facts` fill in the words, never a secret. */
export function fail(
  code: FailureCode,
  facts: Readonly<Record<string, string>> = {},
  detail?: string,
): never {
  throw new FailureError({ code, facts, ...(detail ? { detail } : {}) })
}

/** Any thrown thing as a failure: ours as it is, an abort as CANCELLED, the rest as UNEXPECTED with its text. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure
  if (error instanceof Error && error.name === 'AbortError') return { code: 'CANCELLED', facts: {} }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'UNEXPECTED', facts: {}, detail }
}

/** What of any thrown thing may be logged. */
export function loggable(error: unknown): LogFields {
  return error instanceof FailureError ? failureFields(error.failure) : errorFields(error)
}

/** For `.catch`: what went wrong there is logged, and stops nothing. */
export function logged({ write }: { readonly write: WriteLog }, event: LogEvent, fields?: LogFields) {
  return (error: unknown): undefined => {
    write(event, { ...fields, ...loggable(error) })
  }
}
