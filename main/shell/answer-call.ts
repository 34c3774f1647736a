import * as v from 'valibot'
import type { Handlers } from '../../contract/api'
import { type CommandName, commandInputs } from '../../contract/commands'
import type { Failure, Reply } from '../../contract/failure'
import { createFailure } from '../../core/failures/failure'
import { toFailure } from '../failures'

/**
 * Answers one command whose name and input come from outside: parses both by the contract, runs the handler,
 * and turns whatever is thrown into data. Never rejects.
 */
export async function answerCall(handlers: Handlers, name: unknown, input: unknown): Promise<Reply<unknown>> {
  if (!isCommandName(name)) return invalid('there is no such command')
  const parsed = v.safeParse(commandInputs[name], input)
  if (!parsed.success) return invalid(`${name}: ${firstIssue(parsed.issues)}`)
  try {
    const handler = handlers[name] as (input: unknown) => Promise<Reply<unknown>>
    return await handler(parsed.output)
  } catch (error) {
    return { ok: false, failure: toFailure(error) }
  }
}

function isCommandName(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(commandInputs, name)
}

/** Names the field, never its value: it may be a secret. */
function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues
  return issue ? `field ${v.getDotPath(issue) ?? '?'} is not as agreed` : 'not as agreed'
}

function invalid(what: string): { ok: false; failure: Failure } {
  return { ok: false, failure: createFailure('INVALID_INPUT', {}, what) }
}
