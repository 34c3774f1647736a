import type { Handlers } from '../contract/api'
import type { CommandName } from '../contract/commands'
import type { Failure, Reply } from '../contract/failure'
import { failureFields } from '../core/log/error-fields'
import type { Log } from './ports/log'

/** The same handlers; what they refuse is logged by the command's name and the failure's code. */
export function logRefusals<H extends Partial<Handlers>>(handlers: H, { write }: Log): H {
  const note = (command: CommandName, failure: Failure) =>
    write('command-refused', { command, ...failureFields(failure) })
  const names = Object.keys(handlers) as CommandName[]
  const noting = names.map((name) => {
    const handle = (handlers as Handlers)[name] as (input: unknown) => Promise<Reply<unknown>>
    const handler = async (input: unknown) => {
      const reply = await handle(input)
      if (!reply.ok) note(name, reply.failure)
      return reply
    }
    return [name, handler] as const
  })
  // Under each name stands a handler of the type that stood there.
  return Object.fromEntries(noting) as unknown as H
}
