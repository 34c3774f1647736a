import { builderOfMachine } from '../nix/slots'

/** One line of `ps` with pid, ppid, uid and command. */
interface Row {
  readonly pid: number
  readonly parentPid: number
  readonly uid: number
  readonly command: string
}

/** A hook of Nix with its connection. */
export interface HookProcess {
  readonly pid: number
  readonly workerPid: number
  /** The builder's id, or the URI of a machine that is not ours. */
  readonly builder: string
  /** As slots are named. */
  readonly machine: string
  /** Of who asked. */
  readonly uid?: number
}

const hookCommand = /^(?:\S*\/)?(?:build-remote|(?:nix|lix) __build-remote)(?: |$)/
const daemonCommand = /^(?:\S*\/)?(?:nix-daemon|nix daemon)(?: |$)/

/** The hooks that have begun to connect, and where to: each has a slot of its own. */
export function hooksIn(table: string): HookProcess[] {
  const rows = new Map(
    [...table.matchAll(/^ *(\d+) +(\d+) +(\d+) +(.+)$/gm)].map(([, pid, parent, uid, command = '']) => [
      Number(pid),
      { pid: Number(pid), parentPid: Number(parent), uid: Number(uid), command },
    ]),
  )
  return [...rows.values()].flatMap(({ parentPid: pid, command }) => {
    const hook = rows.get(pid)
    const uri = hook && hookCommand.test(hook.command) ? uriOf(command) : undefined
    if (!hook || !uri) return []
    const uid = whoAsked(rows, hook.parentPid)
    const machine = uri.replaceAll('/', '_')
    const place = { pid, workerPid: hook.parentPid, builder: builderOfMachine(uri), machine }
    return [uid === undefined ? place : { ...place, uid }]
  })
}

/** What Nix asks ssh for says the protocol; the host is the first word that is no option (nix: ssh.cc). */
function uriOf(command: string): string | undefined {
  const [program = '', ...args] = command.split(' ')
  if (!/(^|\/)ssh$/.test(program)) return undefined
  const protocol = / nix-store --serve/.test(command) ? 'ssh' : 'ssh-ng'
  const host = args.find((arg) => /^[^-]/.test(arg))
  return host && `${protocol}://${host}`
}

function whoAsked(rows: ReadonlyMap<number, Row>, workerPid: number): number | undefined {
  const worker = rows.get(workerPid)
  if (!worker || !daemonCommand.test(worker.command)) return worker?.uid
  const client = / (\d+)(?: |$)/.exec(worker.command)?.[1]
  return client === undefined ? undefined : rows.get(Number(client))?.uid
}
