import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import {
  type Installation,
  installationMarks,
  installationOf,
  type Platform,
  socketUnits,
} from '../../core/nix/installation'
import { readPlainText } from './read-file'

/** What Node runs on: Linux, or what is like it, and macOS. */
export const platform: Platform = process.platform === 'darwin' ? 'darwin' : 'linux'

/**
 * The one look at what kind of Nix is on this computer. Read-only, and quick enough to be had again each time: somebody
 * may install another meanwhile. `top`: where the computer begins, `/` but for tests.
 */
export function findInstallation(top = '/'): Installation {
  const at = (path: string) => (top === '/' ? path : `${top}${path}`)
  const nixConf = at('/etc/nix/nix.conf')
  const store = ['/nix/store', '/nix'].map(at).find((path) => existsSync(path))
  const found = installationMarks.filter((path) => existsSync(at(path)))
  const isMask = (path: string) => realpathSync(at(path)) === '/dev/null'
  return installationOf({
    platform,
    euid: process.geteuid?.() ?? -1,
    ...(store === undefined ? {} : { storeOwner: statSync(store).uid }),
    marks: new Set(found.filter((path) => !isMask(path))),
    masked: new Set(found.filter(isMask)),
    ...optional('nixConfTarget', () => readlinkSync(nixConf)),
    ...optional('nixConf', () => readPlainText(nixConf)),
    ...optional('socketUnit', () =>
      readPlainText(at(socketUnits.find((path) => existsSync(at(path))) ?? '')),
    ),
  })
}

function optional<K extends string>(name: K, read: () => string): Partial<Record<K, string>> {
  try {
    return { [name]: read() } as Partial<Record<K, string>>
  } catch {
    // Not there, no link, no plain file, or not for this user to read: then it says nothing.
    return {}
  }
}
