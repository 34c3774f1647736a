import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { enterHost } from './enter'
import type { EnterOptions, Host, HostFacts } from './host'
import { type Finished, must, run, until } from './process'

/**
 * The session of `dev` at the screen of a client, as logind knows it: active and local for polkit, with the session
 * bus of its user manager and an open keyring.
 */
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
  /** Ends the session with all that runs in it, the screen too; `openDesktop` then opens another. */
  logOut(): Promise<void>
}

/** Logs `dev` in at the screen and opens the keyring with the password of `dev`, unless that has been done. */
export async function openDesktop(host: Host, facts: HostFacts): Promise<Desktop> {
  if (facts.kind !== 'client') throw new Error(`${host.name} is a ${facts.kind}; only a client has a desktop`)
  const scopeOf = (session: string) => `${facts.cgroup}/user.slice/user-1000.slice/session-${session}.scope`
  const session = await logIn(host, scopeOf)
  const scope = scopeOf(session)
  const env = sessionEnvironment(session)
  const inSession = (group: string, argv: readonly string[], options: Omit<EnterOptions, 'user'> = {}) =>
    enterHost({ ...facts, pid: host.pid }, ['sh', '-c', '"$@"; exit "$?"', 'session', ...argv], {
      ...options,
      user: 'dev',
      env: { ...env, ...options.env },
      group,
    })
  const enter: Desktop['enter'] = (argv, options) => inSession(scope, argv, options)
  let alone = 0
  await openKeyring(enter, facts.devPassword)
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
    startScreen: () => startScreen(host, enter),
    logOut: () => logOut(host, session),
  }
}

const runtimeFolder = '/run/user/1000'

function sessionEnvironment(session: string) {
  return {
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtimeFolder}/bus`,
    XDG_RUNTIME_DIR: runtimeFolder,
    XDG_SESSION_ID: session,
    XDG_SESSION_TYPE: 'x11',
    XDG_CURRENT_DESKTOP: 'GNOME',
    DISPLAY: ':0',
  }
}

/** As a display manager does it: PAM opens the session on seat0. It lasts as long as its shell has an input. */
const atTheScreen = `[ -p /run/screen-login ] || mkfifo /run/screen-login
exec script -qfc 'env XDG_SEAT=seat0 XDG_SESSION_TYPE=x11 login -p -f dev' /dev/null <>/run/screen-login`

const activeSession = async (host: Host) =>
  (await host.must(['loginctl', 'show-seat', 'seat0', '-p', 'ActiveSession', '--value'])).trim()

/** Answers the number of the session on seat0, with its user manager running. */
async function logIn(host: Host, scopeOf: (session: string) => string): Promise<string> {
  let session = await activeSession(host)
  if (session === '') await host.start('screen-login', ['sh', '-c', atTheScreen])
  await until('the session of dev', async () => {
    session = await activeSession(host)
    if (session === '' || !existsSync(scopeOf(session))) return false
    return (await host.exec(['test', '-S', `${runtimeFolder}/bus`])).code === 0
  })
  return session
}

async function openKeyring(enter: Desktop['enter'], password: string): Promise<void> {
  const ask = ['dbus-send', '--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/']
  const hasKeyring = async () => {
    const { stdout } = await run(
      enter([...ask, 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']),
    )
    return stdout.includes('true')
  }
  if (await hasKeyring()) return
  const unlock = 'gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
  await must(enter(['sh', '-c', unlock]), { input: password })
  await until('the Secret Service', hasKeyring)
}

async function logOut(host: Host, session: string): Promise<void> {
  await host.must(['loginctl', 'terminate-session', session])
  const isKnown = async () => (await host.exec(['loginctl', 'show-session', session])).code === 0
  await until('the end of the session', async () => !(await isKnown()))
  await host.must(['rm', '-f', '/tmp/.X11-unix/X0', '/tmp/.X0-lock'])
}

async function startScreen(host: Host, enter: Desktop['enter']): Promise<void> {
  const isUp = async () => (await host.exec(['test', '-S', '/tmp/.X11-unix/X0'])).code === 0
  if (await isUp()) return
  const screen = 'exec setsid -f Xvfb :0 -screen 0 1280x800x24 -nolisten tcp </dev/null >/dev/null 2>&1'
  await must(enter(['sh', '-c', screen]))
  await until('the virtual screen', isUp)
}
