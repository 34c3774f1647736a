import { accessSync, constants, type FSWatcher, watch } from 'node:fs'

/**
 * The folder in which the helper flips its generation, and the one that appears with it; where root's own settings of
 * Nix and of its service lie, as far as this user may look.
 */
const folders = [
  '/etc/nix/millwright',
  '/etc/nix',
  '/root/.config/nix',
  '/etc/systemd/system/nix-daemon.service.d',
]
const quietMs = 200

function isReadable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK)
    return true
  } catch {
    // Not there, or not for this user: nothing to watch.
    return false
  }
}

/**
 * Tells when somebody else, such as a terminal or an administrator, may have changed root's files. It says
 * only that: what is there now is read from the system. Returns how to stop.
 */
export function watchSystem(onChange: () => void, more: readonly string[] = []): () => void {
  let watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
    watchers = []
  }
  const arm = () => {
    watchers = [...folders, ...more].filter(isReadable).map((folder) => watch(folder, changed))
    for (const watcher of watchers) watcher.on('error', changed)
  }
  const changed = () => {
    clearTimeout(timer)
    // A folder that went and came back is another one: watch anew.
    timer = setTimeout(() => {
      stop()
      arm()
      onChange()
    }, quietMs)
  }
  arm()
  return stop
}
