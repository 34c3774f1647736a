import { mkdirSync } from 'node:fs'
import type { HelperRequest, HelperResult } from '../../contract/helper'
import type { Context } from '../operations/apply-state'
import { configureOperations } from '../operations/configure-operations'
import type { OperationResult, Operations } from '../operations/operation'
import { switchOperations } from '../operations/switch-operations'
import { resultOf } from '../protocol/result-of'
import type { System } from '../system/system'

const lockedMs = 10 * 60_000
const all: Operations<HelperRequest> = { ...switchOperations, ...configureOperations }

/**
 * Does in this process, on the person's own files, what root's helper does on root's. Nobody is asked and nothing is
 * noted: they could change each of those files by hand. Never throws.
 */
export async function runForPerson(system: System, request: HelperRequest): Promise<HelperResult> {
  try {
    mkdirSync(system.runDirectory, { recursive: true, mode: 0o700 })
    return { type: 'result', code: 'OK', ...(await perform(contextOf(system), request)) }
  } catch (error) {
    return resultOf(error)
  }
}

function perform<R extends HelperRequest>(context: Context, request: R): Promise<OperationResult> {
  const operation = (all as Operations<R>)[request.op as R['op']]
  return operation(context, request as Extract<R, { op: R['op'] }>)
}

function contextOf(system: System): Context {
  return {
    system,
    step: () => undefined,
    trail: { begin: () => undefined, makeRoom: () => undefined },
    // The lock ends with this process, and nobody else waits for it than the same person.
    hold: { limitMs: lockedMs, onOverdue: () => undefined },
  }
}
