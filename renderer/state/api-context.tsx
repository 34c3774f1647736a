import { createContext, useContext, useMemo, useState } from 'react'
import type { CommandOutput, MillwrightApi } from '../../contract/api'
import type { CommandInput, CommandName } from '../../contract/commands'
import type { Failure, Reply } from '../../contract/failure'
import { createFailure } from '../../core/failures/failure'

export interface Commands {
  /** Sends a command; whoever calls shows the failure. */
  readonly call: <N extends CommandName>(name: N, input: CommandInput<N>) => Promise<Reply<CommandOutput<N>>>
  /** Sends a command whose failure, if any, is shown at the top of the window. */
  readonly act: <N extends CommandName>(name: N, input: CommandInput<N>) => Promise<boolean>
  readonly refused: Failure | undefined
  /** Shows at the top of the window what was refused elsewhere: a choice in the tray. */
  readonly refuse: (failure: Failure) => void
  readonly forgetRefused: () => void
}

const Context = createContext<Commands | undefined>(undefined)

/** The way from a click to the app. */
export function useCommands(): Commands {
  const commands = useContext(Context)
  if (!commands) throw new Error('useCommands outside of CommandsProvider')
  return commands
}

/** Hands the bridge to what is inside, with a broken bridge turned into a failure like any other. */
export function CommandsProvider({ api, children }: { api: MillwrightApi; children: React.ReactNode }) {
  const [refused, setRefused] = useState<Failure>()
  const commands = useMemo(() => {
    const call: Commands['call'] = (name, input) =>
      api.call(name, input).catch((error: unknown) => {
        return { ok: false, failure: createFailure('UNEXPECTED', {}, String(error)) }
      })
    const act: Commands['act'] = async (name, input) => {
      const reply = await call(name, input)
      setRefused(reply.ok ? undefined : reply.failure)
      return reply.ok
    }
    return {
      call,
      act,
      refuse: (failure: Failure) => setRefused(failure),
      forgetRefused: () => setRefused(undefined),
    }
  }, [api])
  const value = useMemo(() => ({ ...commands, refused }), [commands, refused])
  return <Context value={value}>{children}</Context>
}
