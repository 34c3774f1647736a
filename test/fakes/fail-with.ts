import { assembleFailure } from '../../core/failures/failure'
import type { FailureCode } from '../../core/failures/rows'
import { FailureError } from '../../main/failures'

/** Fails as a port does, with a code that is known only while it runs; the facts are those of a usual machine. */
export function failWith(code: FailureCode, facts: Readonly<Record<string, string>> = {}): never {
  const usual = { builder: 'anna', host: 'anna.lan', user: 'admin', path: '/var/lib/millwright' }
  throw new FailureError(assembleFailure(code, { ...usual, ...facts }))
}
