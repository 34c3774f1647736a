import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findInstallation, platform } from './find-installation'
import { run } from './process'
import type { System } from './system'

const returnMs = 15_000

/** Whether Nix builds something now, here or for us elsewhere: a restart could end it. */
export async function buildsRunning(system: System): Promise<boolean> {
  if (system.whose === 'person') return false // nothing is restarted
  const uids = buildUserIds()
  if (system.platform === 'darwin') {
    const { stdout } = await run(system, ['ps', '-A', '-o', 'uid='], { timeoutMs: 10_000 })
    return stdout.split('\n').some((uid) => uids.has(Number(uid.trim())))
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => isBuild(pid, uids))
}

/**
 * By who runs it, which nobody else can make up: a name is whatever its caller wrote, also of a program that becomes root
 * for anybody (su(1)), so root's is looked at by its file.
 */
function isBuild(pid: string, uids: ReadonlySet<number>): boolean {
  try {
    const uid = Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    if (uids.has(uid)) return true
    if (uid !== 0) return false
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 2)
    if (!words.some((word) => /(^|[/_])build-remote$/.test(word))) return false
    return /^(nix|lix|build-remote|determinate)/.test(basename(readlinkSync(`/proc/${pid}/exe`)))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EACCES', 'EPERM'].includes(code)) return true // a container that hides its file: better wait than end a build
    if (!['ENOENT', 'ESRCH'].includes(code)) throw error
    return false // it ended meanwhile
  }
}

/** passwd(5) on Linux; on macOS Nix's build users have the uids that its installers give them. */
function buildUserIds(): ReadonlySet<number> {
  if (platform === 'darwin') return new Set(Array.from({ length: 128 }, (_, index) => 301 + index))
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return new Set(lines.filter((line) => /^nixbld\d+:/.test(line)).map((line) => Number(line.split(':')[2])))
}

/** Restarts the daemon in the way this system has, and waits until it answers. False when it does not. */
export async function restartDaemon(system: System): Promise<boolean> {
  const { restart } = findInstallation(system.top)
  if (restart.by === 'none') return true
  if (restart.by === 'unknown') return false
  // systemd would otherwise refuse the sixth start within ten seconds, and leave Nix without a daemon.
  if (restart.by === 'systemd') await run(system, forgetStarts, { timeoutMs: 10_000 })
  if ('command' in restart) await run(system, restart.command, { timeoutMs: 60_000 })
  const deadline = Date.now() + returnMs
  while (Date.now() < deadline) {
    if (await daemonAnswers(system)) return true
    await delay(200)
  }
  return false
}

/** Whether this system has a way to have the daemon read its settings again. */
export function canRestartDaemon({ top }: System): boolean {
  return findInstallation(top).restart.by !== 'unknown'
}

const forgetStarts = ['systemctl', 'reset-failed', 'nix-daemon.service']

export async function daemonAnswers(system: System): Promise<boolean> {
  const ping = ['nix', '--extra-experimental-features', 'nix-command', 'store', 'ping', '--store', 'daemon']
  return (await run(system, ping, { timeoutMs: 5000 })).status === 0
}
