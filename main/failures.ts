import {
  assembleFailure,
  createFailure,
  type Exactly,
  type FactsOf,
  type KnownFailure,
} from '../core/failures/failure'
import type { FailureCode } from '../core/failures/rows'
import type { LogEvent, LogFields, WriteLog } from '../core/log/entry'
import { errorFields, failureFields } from '../core/log/error-fields'

/** A failure on its way up. Everything that throws on purpose throws this; the code decides the words. */
export class FailureError extends Error {
  override readonly name = 'FailureError'
  constructor(readonly failure: KnownFailure) {
    super(failure.code)
  }
}

/** Codes whose rows require no fact. */
type FactlessCode = { [C in FailureCode]: object extends FactsOf<C> ? C : never }[FailureCode]

/**
 * Ends the current step with a failure. The facts are those that its row declares, and those that flows know
 * (`builder`, `host`, `user`, `port`); never a secret.
 */
export function fail(code: FactlessCode): never
export function fail<C extends FailureCode, Facts extends FactsOf<C>>(
  code: C,
  facts: Exactly<Facts, FactsOf<C>>,
  detail?: string,
): never
export function fail<C extends FailureCode, Facts extends FactsOf<C>>(
  code: C,
  facts?: Exactly<Facts, FactsOf<C>>,
  detail?: string,
): never {
  throw new FailureError(assembleFailure(code, facts ?? {}, detail))
}

/** Any thrown thing as a failure: ours as it is, an abort as CANCELLED, the rest as UNEXPECTED with its text. */
export function toFailure(error: unknown): KnownFailure {
  if (error instanceof FailureError) return error.failure
  if (error instanceof Error && error.name === 'AbortError') return createFailure('CANCELLED', {})
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return createFailure('UNEXPECTED', {}, detail)
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
