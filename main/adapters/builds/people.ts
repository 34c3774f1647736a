import { readFile, stat } from 'node:fs/promises'
import { runProgram } from '../system/run-program'

export interface ProcessFacts {
  readonly name: string
  readonly parentPid: number
}

/** A process by proc(5); undefined where it is gone. */
export async function readProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    // The name, in brackets, may itself hold spaces and brackets: count from the last one.
    const [, name = '', parent] =
      /^\d+ \((.*)\) \S (\d+) /s.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { name, parentPid: Number(parent) }
  } catch {
    // The process has ended.
    return undefined
  }
}

/** Login names of those who asked a worker of Nix for a build. */
export interface UserNames {
  nameOf(uid: number): Promise<string | undefined>
  /** The daemon's worker says in its arguments whom it serves; any other process works for its own user. */
  whoAsked(workerPid: number): Promise<string | undefined>
}

export function createUserNames(): UserNames {
  const names = new Map<number, Promise<string | undefined>>()
  const nameOf = (uid: number) => {
    const known = names.get(uid) ?? loginName(uid)
    names.set(uid, known)
    return known
  }
  return {
    nameOf,
    whoAsked: async (workerPid) => {
      try {
        const pid = clientOf(await readFile(`/proc/${workerPid}/cmdline`, 'utf8'), workerPid)
        return pid === undefined ? undefined : await nameOf((await stat(`/proc/${pid}`)).uid)
      } catch {
        // The process has ended.
        return undefined
      }
    },
  }
}

/** `nix-daemon 123`, `nix-daemon --for 123` (Lix), or the command line itself; undefined: a daemon that tells nobody. */
export function clientOf(commandLine: string, pid: number): number | undefined {
  const [program = '', ...args] = commandLine.split(/[\0 ]/)
  if (!/(^|\/)nix-daemon$/.test(program) && !(/(^|\/)nix$/.test(program) && args[0] === 'daemon')) return pid
  const client = args.find((arg) => /^\d+$/.test(arg))
  return client === undefined ? undefined : Number(client)
}

async function loginName(uid: number): Promise<string | undefined> {
  const { status, stdout } = await runProgram(['id', '-un', String(uid)], { timeoutMs: 5_000 })
  return status === 0 ? stdout.trim() : undefined
}
