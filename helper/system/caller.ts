import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isAbsence, readPlainText } from './read-file'
import type { System } from './system'

/** Who asked, as pkexec(1) and sudo(8) say; the one thing that is read from the environment. Never to let somebody do more. */
export function callerUid(): number | undefined {
  const uid = process.env.PKEXEC_UID ?? process.env.SUDO_UID ?? ''
  return /^\d{1,10}$/.test(uid) ? Number(uid) : process.getuid?.()
}

/** Whether polkit let the caller in, which asks whoever sits at the screen for no password (pkexec(1) sets the variable). */
export function cameByPolkit({ owner }: Pick<System, 'owner'>): boolean {
  return process.geteuid?.() === owner && process.env.PKEXEC_UID !== undefined
}

/** As Nix does it: what is absent or not for this user's eyes is passed over (config.cc). Throws other errors. */
export function readIfAllowed(path: string): string | undefined {
  try {
    return readPlainText(path)
  } catch (error) {
    if (!isAbsence(error)) throw error
    return undefined
  }
}

/**
 * The same for whoever asked: root reads everything, and what it answers to a caller without a password must be no more
 * than any user could have read without it.
 */
export function readForCaller(path: string): string | undefined {
  const isForRoot = process.geteuid?.() !== 0 || callerUid() === 0
  return isForRoot || isForEveryone(path) ? readIfAllowed(path) : undefined
}

function isForEveryone(path: string): boolean {
  try {
    const real = realpathSync(path)
    if ((statSync(real).mode & 0o004) === 0) return false
    for (let at = dirname(real); ; at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0) return false
      if (at === dirname(at)) return true
    }
  } catch {
    // It is not there.
    return false
  }
}
