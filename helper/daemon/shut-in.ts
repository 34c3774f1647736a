import { existsSync, readFileSync } from 'node:fs'
import type { RegisteredBuilder } from '../../contract/builder'
import type { InTheWay } from '../../contract/daemon'
import { currentLink, keyPath, type System, sshConfigPath } from '../system/system'
import { type DaemonSettings, placeInUnit, showUnit } from './daemon-settings'

/** What keeps the daemon's own ssh from every builder, and the settings of systemd.exec(5) that may do so. */
interface Hindrance {
  readonly said: string
  readonly settings: readonly string[]
}

const hiding = [
  ...['ProtectHome', 'InaccessiblePaths', 'TemporaryFileSystem', 'RootDirectory', 'RootImage', 'BindPaths'],
  ...['BindReadOnlyPaths'],
]
const cutOff = ['PrivateNetwork', 'NetworkNamespacePath', 'JoinsNamespaceOf']
/** What execvp(3) looks through where nothing is said. */
const usualPath = '/bin:/usr/bin'

/**
 * What the service of the running daemon is kept from that its ssh takes: a handshake of ours, which root makes outside of
 * that service, passes all the same. Undefined where nothing is known to be missing, or no daemon can be looked into.
 */
export async function findShutIn(
  system: System,
  builders: readonly RegisteredBuilder[],
  { process: daemon }: DaemonSettings,
): Promise<InTheWay | undefined> {
  const [first] = builders
  if (!daemon || !first || system.platform !== 'linux') return undefined
  const files = [sshConfigPath(system), `${currentLink(system)}/ssh_config`, keyPath(system, first.id)]
  const found =
    hiddenFile(daemon.pid, files) ??
    withoutNetwork(daemon.pid) ??
    withoutSsh(daemon) ??
    (await withoutAddresses(system))
  return found && { cause: 'shut-in', ...(await placeOf(system, found)), said: found.said }
}

/** As the daemon sees it (proc(5), root); a whole tree is hidden by an empty folder over it. */
function seenBy(pid: number, path: string): boolean {
  return existsSync(`/proc/${pid}/root${path}`)
}

function hiddenFile(pid: number, files: readonly string[]): Hindrance | undefined {
  const hidden = files.find((file) => existsSync(file) && !seenBy(pid, file))
  return hidden === undefined
    ? undefined
    : { said: `The Nix daemon does not see ${hidden}.`, settings: hiding }
}

/** The interfaces of its network; two lines are titles. */
function withoutNetwork(pid: number): Hindrance | undefined {
  const names = (text: string) => [...text.matchAll(/^ *([^:\s]+):/gm)].map(([, name]) => name)
  const [theirs, ours] = [`/proc/${pid}/net/dev`, '/proc/self/net/dev'].map((file) => names(readNow(file)))
  const isAlone = theirs?.length === 1 && theirs[0] === 'lo' && (ours?.length ?? 0) > 1
  return isAlone ? { said: 'The Nix daemon sees no network but lo.', settings: cutOff } : undefined
}

function withoutSsh({
  pid,
  path = usualPath,
}: NonNullable<DaemonSettings['process']>): Hindrance | undefined {
  const folders = path.split(':').filter((folder) => folder.startsWith('/'))
  if (folders.some((folder) => seenBy(pid, `${folder}/ssh`) || existsSync(`${folder}/ssh`))) return undefined
  return { said: `The Nix daemon finds no ssh: its PATH is ${path}`, settings: ['PATH'] }
}

/** What the kernel lets its sockets be, as systemd(1) has told it. */
async function withoutAddresses(system: System): Promise<Hindrance | undefined> {
  const name = 'RestrictAddressFamilies'
  const shown = (await showUnit(system, [name])).split('\n').find((line) => line.startsWith(`${name}=`))
  const value = shown?.slice(name.length + 1) ?? ''
  const isAllowed = (family: string) => value.split(/[ ~]+/).includes(family) !== value.startsWith('~')
  if (value === '' || isAllowed('AF_INET') || isAllowed('AF_INET6')) return undefined
  return { said: `The Nix daemon may use no network: ${name}=${value}`, settings: [name] }
}

async function placeOf(system: System, { settings }: Hindrance): Promise<Pick<InTheWay, 'file' | 'line'>> {
  for (const name of settings) {
    const place = await placeInUnit(system, name)
    if (place) return place
  }
  return { file: 'nix-daemon.service' }
}

function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile, and then nothing is known of it.
    return ''
  }
}
