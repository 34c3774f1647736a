import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory, removeFile, writeWhole } from './disk'
import { type System, stampsDirectory } from './system'
import { whyNotTrusted } from './trusted-path'

/** Lets the ssh of what is run under it log in whatever the guard knows: a look must see what is so now. */
export const withoutGuard = { MILLWRIGHT_GUARD: 'off' } as const

/** Where a package of Nix's has its helper whatever its version: a link that NixOS's module keeps. */
const steadyPrefix = '/run/current-system/sw/libexec/millwright'

/**
 * The guard that was installed beside a program of the helper's, where root may rely on it. By a name that a later version
 * has too, where there is one: root's files go on naming it.
 */
export function guardBeside(program: string, system: System): string | undefined {
  const prefix = dirname(existsSync(program) ? realpathSync(program) : program)
  const isSteady = existsSync(steadyPrefix) && realpathSync(steadyPrefix) === prefix
  const path = `${isSteady ? steadyPrefix : prefix}/millwright-answers`
  return existsSync(path) && whyNotTrusted(path, system) === undefined ? path : undefined
}

/** What the guard takes from then on for so: the builder has just answered, or nobody knows and it is asked anew. */
export function tellGuard(system: System, id: string, answered: boolean): void {
  const path = `${stampsDirectory(system)}/${id}`
  try {
    if (!answered) {
      removeFile(path)
      return
    }
    makeDirectory(system.runDirectory, 0o755)
    makeDirectory(dirname(path), 0o755)
    writeWhole(path, `alive ${secondsNow()}\n`, { mode: 0o644 })
  } catch {
    // Where nothing can be written the guard asks for itself, or lets every login through.
  }
}

/** As `millwright-answers` reads it: not moved by a change of the clock, where the system tells. */
function secondsNow(): number {
  const uptime = existsSync('/proc/uptime') ? readFileSync('/proc/uptime', 'utf8') : ''
  return Math.floor(Number.parseFloat(uptime) || Date.now() / 1000)
}
