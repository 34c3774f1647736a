import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EnterOptions, Host, HostFacts } from './host'
import { type Finished, inCgroup, must, run, until } from './process'

/** The session of `dev` at the screen of a client: active for polkit, with a session bus and an open keyring. */
export interface Desktop {
  /** What a program of the session finds in its environment besides a login's own. */
  readonly env: Readonly<Record<string, string>>
  /**
   * The argument vector that runs a program as `dev` in this session (also in its control group), below a shell:
   * pkexec judges by its parent, and a program that nsenter starts has none on the host.
   */
  enter(argv: readonly string[], options?: Omit<EnterOptions, 'user'>): string[]
  /** As `enter`, in a control group of its own below the session's: `group` is its folder on this machine. */
  enterAlone(
    argv: readonly string[],
    options?: Omit<EnterOptions, 'user'>,
  ): { readonly argv: string[]; readonly group: string }
  exec(
    argv: readonly string[],
    options?: Omit<EnterOptions, 'user'> & { input?: string; timeoutMs?: number },
  ): Promise<Finished>
  /** Starts a virtual screen of 1280 × 800 points unless it runs; programs see it as DISPLAY. */
  startScreen(): Promise<void>
}

const runtimeFolder = '/run/user/1000'
const env = {
  DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtimeFolder}/bus`,
  XDG_RUNTIME_DIR: runtimeFolder,
  XDG_SESSION_ID: 'c1',
  XDG_SESSION_TYPE: 'x11',
  XDG_CURRENT_DESKTOP: 'GNOME',
  DISPLAY: ':0',
}

/** Starts the session bus and the Secret Service, unlocked with the password of `dev`, unless they run. */
export async function openDesktop(host: Host, { kind, cgroup, devPassword }: HostFacts): Promise<Desktop> {
  if (kind !== 'client') throw new Error(`${host.name} is a ${kind}; only a client has a desktop`)
  if (!cgroup) throw new Error('a desktop session needs control groups version 2, which this machine has not')
  const scope = `${cgroup}/user.slice/user-1000.slice/session-c1.scope`
  const inSession = (group: string, argv: readonly string[], options: Omit<EnterOptions, 'user'> = {}) => [
    ...inCgroup(group),
    ...host.enter(['sh', '-c', '"$@"; exit "$?"', 'session', ...argv], {
      ...options,
      user: 'dev',
      env: { ...env, ...options.env },
    }),
  ]
  const enter: Desktop['enter'] = (argv, options) => inSession(scope, argv, options)
  let alone = 0
  const quietly = (command: string, input = '') =>
    must(enter(['sh', '-c', `${command} >/dev/null 2>&1`]), { input })
  const owns = (bus: string, name: string) => async () => {
    const ask = ['dbus-send', bus, '--print-reply=literal', '--dest=org.freedesktop.DBus', '/']
    const { stdout } = await run(enter([...ask, 'org.freedesktop.DBus.NameHasOwner', `string:${name}`]))
    return stdout.includes('true')
  }

  const hasKeyring = owns('--session', 'org.freedesktop.secrets')
  if (!(await hasKeyring())) {
    await quietly(`dbus-daemon --session --fork --address=${env.DBUS_SESSION_BUS_ADDRESS}`)
    await quietly('gnome-keyring-daemon --unlock --components=secrets', devPassword)
    await until('the Secret Service', hasKeyring)
  }
  await until('polkit', owns('--system', 'org.freedesktop.PolicyKit1'))
  return {
    env,
    enter,
    enterAlone: (argv, options) => {
      const group = join(scope, `alone-${++alone}`)
      mkdirSync(group)
      return { argv: inSession(group, argv, options), group }
    },
    exec: (argv, options = {}) => {
      const { input, timeoutMs, ...how } = options
      return run(enter(argv, how), { ...(input && { input }), ...(timeoutMs && { timeoutMs }) })
    },
    startScreen: async () => {
      const isUp = async () => (await host.exec(['test', '-S', '/tmp/.X11-unix/X0'])).code === 0
      if (await isUp()) return
      const screen = ['Xvfb', ':0', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
      await host.start('xvfb', screen, { user: 'dev' })
      await until('the virtual screen', isUp)
    },
  }
}
