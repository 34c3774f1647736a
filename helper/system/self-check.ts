import { Refusal } from '../protocol/refusal'
import type { System } from './system'
import { whyNotTrusted } from './trusted-path'

/** Refuses to work as root from a place that somebody else could have changed. Fails with INSECURE_INSTALL. */
export function checkOwnInstall(system: System, files: readonly string[]): void {
  for (const file of files) {
    const problem = whyNotTrusted(file, system)
    if (problem)
      throw new Refusal('INSECURE_INSTALL', 'unsafe-path', `The helper is not safe here: ${problem}.`)
  }
}
