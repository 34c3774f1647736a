import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Credentials, type HostKind, makeCredentials } from './accounts'
import { type Forward, openForward } from './forward'
import type { Host } from './host'
import { openSwitchboard, plugIn, swallow } from './network'
import { projectBinds } from './on-host'
import { until } from './process'
import { claimRoom, fleetCgroup, mark, type ProcessMark, removeCgroup, sweep, writeNote } from './registry'
import { type HostPlan, writeSeed } from './seed'
import { type Bind, startHost } from './start-host'

export interface FleetOptions<Name extends string = string> {
  /** The hosts by name; the name is also how they find each other. */
  readonly hosts: Readonly<Record<Name, HostKind>>
  readonly binds?: readonly Bind[]
  /** Size of each host's disk, which is memory and taken as it fills: 4096 MiB unless told. */
  readonly diskMiB?: number
  /** Marks it as a person's, so that `npm run world -- down` closes it. */
  readonly forPlay?: boolean
}

/** A few real hosts on a network of their own, for as long as the process lives that opened them. */
export interface Fleet<Name extends string = string> extends AsyncDisposable {
  readonly number: number
  readonly hosts: readonly Host[]
  readonly credentials: Credentials
  /** A running host; throws for a blackhole, which has an address and nothing else. */
  host(name: Name): Host
  /** The IPv4 address of a host or a blackhole. */
  address(name: Name): string
  /**
   * Leads a port of this machine's loopback to a port of a host (or blackhole), for code that must connect from
   * within the test's own process. The host sees the connection come from the bridge, 10.213.NUMBER.1.
   */
  forward(name: Name, port: number): Promise<Forward>
  close(): Promise<void>
}

/** Starts a fleet and returns when every host's services listen. Needs root on Linux. */
export async function openFleet<Name extends string>(options: FleetOptions<Name>): Promise<Fleet<Name>> {
  if (process.getuid?.() !== 0) throw new Error('the pocket fleet needs root')
  sweep()
  const { number, room } = claimRoom()
  const note = { number, owner: mark(process.pid), forPlay: options.forPlay ?? false, hosts: {} }
  writeNote(room, note)
  const keepers: ChildProcess[] = []
  const close = () => closeFleet(number, room, keepers)
  try {
    const kinds = Object.entries<HostKind>(options.hosts)
    const plans = kinds.map(([name, kind], index) => ({
      name,
      kind,
      address: `10.213.${number}.${index + 10}`,
    }))
    const [credentials, board] = await Promise.all([makeCredentials(room), openSwitchboard(number)])
    keepers.push(board.keeper)
    allowManyHosts()
    const marks = new Map<string, ProcessMark>()
    const start = async (plan: HostPlan, index: number): Promise<Host[]> => {
      if (plan.kind === 'blackhole') {
        await swallow(board, plan.address)
        return []
      }
      const own = join(room, plan.name)
      mkdirSync(own, { mode: 0o700 })
      await writeSeed(join(own, 'seed'), plan, plans, credentials)
      const host = await startHost({
        ...plan,
        room: own,
        cgroup: join(fleetCgroup(number), plan.name),
        diskMiB: options.diskMiB ?? 4096,
        binds: [...projectBinds, ...(options.binds ?? [])],
        devPassword: credentials.passwords.dev ?? '',
        plugIn: (pid) => plugIn(board, index, pid),
        onStart: (keeper) => {
          keepers.push(keeper)
          if (keeper.pid) marks.set(plan.name, mark(keeper.pid))
        },
      })
      return [host]
    }
    const hosts = (await Promise.all(plans.map(start))).flat()
    const noted = plans.map(({ name, kind, address }) => {
      const keeper = marks.get(name)
      return [name, { kind, address, ...(keeper && { keeper }) }] as const
    })
    writeNote(room, { ...note, hosts: Object.fromEntries(noted) })
    const host = (name: Name) => {
      const found = hosts.find((one) => one.name === name)
      if (!found) throw new Error(`the fleet has no running host ${name}`)
      return found
    }
    const address = (name: Name) => plans.find((plan) => plan.name === name)?.address ?? ''
    const forward = async (name: Name, port: number) => {
      const opened = await openForward(room, board.pid, { address: address(name), port })
      keepers.push(opened.keeper)
      return opened.forward
    }
    return { number, hosts, credentials, host, address, forward, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Ends the hosts by closing what keeps them alive, and waits until the kernel has let go of them. */
async function closeFleet(number: number, room: string, keepers: ChildProcess[]): Promise<void> {
  await Promise.all(keepers.splice(0).map(end))
  const cgroup = fleetCgroup(number)
  await until('the control groups of the fleet are empty', async () => removeCgroup(cgroup))
  rmSync(room, { recursive: true, force: true })
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return
  const exited = once(keeper, 'exit')
  keeper.stdin?.destroy()
  const timer = setTimeout(() => keeper.kill('SIGKILL'), 3000) // --kill-child takes the host along
  await exited
  clearTimeout(timer)
}

const inotifyInstances = '/proc/sys/fs/inotify/max_user_instances'

/** Each systemd takes some ten, and the kernel counts all of root's together: 128 are enough for a dozen hosts. */
function allowManyHosts(): void {
  if (Number(readFileSync(inotifyInstances, 'utf8')) < 1024) writeFileSync(inotifyInstances, '1024')
}
