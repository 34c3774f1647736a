import type { Located } from '../../../core/builds/join-feeds'
import { type HookProcess, hooksIn } from '../../../core/builds/process-table'
import { runProgram } from '../system/run-program'
import { createUserNames } from './people'

/** The hooks that connect to a builder or are connected, by the table of processes; undefined where there is none. */
export async function readHooks(): Promise<readonly HookProcess[] | undefined> {
  // The number, as the name is cut to eight letters; an `-o` each, as BSD takes all after `=` for a heading.
  const argv = ['ps', '-axww', ...['pid=', 'ppid=', 'uid=', 'command='].flatMap((field) => ['-o', field])]
  const { status, stdout } = await runProgram(argv, { timeoutMs: 5_000 })
  return status === 0 ? hooksIn(stdout) : undefined
}

/** Builds elsewhere where the kernel shows no locks: how many, where, for whom and since when, but not what. */
export interface ProcessesFeed {
  read(nowMs: number): Promise<readonly Located[] | undefined>
}

export function createProcessesFeed(): ProcessesFeed {
  const users = createUserNames()
  let since = new Map<number, number>()
  return {
    read: async (nowMs) => {
      const hooks = await readHooks()
      const seen = new Map((hooks ?? []).map(({ pid }) => [pid, since.get(pid) ?? nowMs]))
      since = seen
      return (
        hooks &&
        Promise.all(
          hooks.map(async ({ pid, workerPid, builder, uid }) => {
            const sinceMs = seen.get(pid) ?? nowMs
            const user = uid === undefined ? undefined : await users.nameOf(uid)
            return {
              ...{
                id: `${pid}-${sinceMs}`,
                name: '',
                workerPid,
                builder,
                ...(user === undefined ? {} : { user }),
              },
              ...{ startedAt: new Date(sinceMs).toISOString(), activity: 'building' as const, logTail: [] },
            }
          }),
        )
      )
    },
  }
}
