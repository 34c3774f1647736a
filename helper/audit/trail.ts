import type { HelperReason, HelperRequest, HelperResult } from '../../contract/helper'
import { Refusal } from '../protocol/refusal'
import type { System } from '../system/system'
import { type AuditLog, entryOf, note, outcomeOf, rotate, tellSystemLog } from './audit-log'
import { countRefusedCall } from './refused-calls'

/** What a call leaves in root’s log: an entry before it changes anything, and one of how it ended. */
export interface Trail {
  /**
   * Notes once what is going to be changed; under the lock. Fails with NEEDS_ATTENTION, not-noted: nothing is changed that
   * leaves no entry.
   */
  readonly begin: (op: string) => void
  /** Begins a new file where the log is full; under the lock. Where that fails, what is noted next says why. */
  readonly makeRoom: () => void
  /** Notes how it ended. The same result, with a warning where that could not be noted: the change is made by then. */
  readonly end: (result: HelperResult) => HelperResult
}

const refusedReasons: ReadonlySet<HelperReason | undefined> = new Set(['rate-limited', 'busy', 'not-root'])

/** `request` is undefined where it was not understood. */
export function createTrail(
  system: System,
  log: AuditLog,
  transaction: string,
  request?: HelperRequest,
): Trail {
  const entry = entryOf(transaction, request)
  const problems: string[] = []
  let hasBegun = false
  const makeRoom = () => {
    try {
      rotate(system, log)
    } catch {
      // It cannot be written either, which says more.
    }
  }
  const begin = (op: string) => {
    if (hasBegun) return
    const beginning = { ...entry, op, begun: true as const }
    makeRoom()
    try {
      note(system, log, beginning)
    } catch (error) {
      const problem = `${system.logDirectory}/${log}: ${(error as Error).message}`
      // What only an administrator may do is not kept from them by a full disk, if the system's own log has heard of it.
      if (log !== 'configure.log' || !tellSystemLog(beginning)) throw notNoted(problem)
      problems.push(problem)
    }
    hasBegun = true
  }
  const end = (result: HelperResult) => {
    try {
      // Without a password anybody may call as often as they like: what was refused is counted, and not kept one by one.
      const isCounted = !hasBegun && log === 'helper.log' && isRefused(result)
      const refused = isCounted ? countRefusedCall(system) : undefined
      if (isCounted && refused === undefined) return result
      const outcome = isCounted ? { transaction, refused } : { ...entry }
      note(system, log, { ...outcome, ...outcomeOf(result) })
      if (!isCounted) tellSystemLog({ ...entry, ...outcomeOf(result) })
    } catch (error) {
      if (!isRefused(result)) problems.push((error as Error).message)
    }
    return problems.length === 0 ? result : { ...result, warning: warningOf(problems) }
  }
  return { begin, makeRoom, end }
}

/** Nothing was done, by who asked or by how often. */
function isRefused({ code, reason }: HelperResult): boolean {
  return ['INVALID', 'LOCKED', 'CONFLICT', 'INSECURE_INSTALL'].includes(code) || refusedReasons.has(reason)
}

function notNoted(problem: string): Refusal {
  return new Refusal(
    'NEEDS_ATTENTION',
    'not-noted',
    `Nothing was changed, as it could not be noted: ${problem}`,
  )
}

function warningOf(problems: readonly string[]): string {
  return `It could not be noted in root’s log: ${[...new Set(problems)].join('; ')}`
}
