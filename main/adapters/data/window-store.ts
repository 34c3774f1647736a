import { join } from 'node:path'
import ElectronStore from 'electron-store'
import { openIfPlain, type WindowStore } from './window-bounds'

/** `window.json` in the folder, mode 0600; one that is no JSON is begun anew. */
export function openWindowStore(folder: string): WindowStore {
  return openIfPlain(
    join(folder, 'window.json'),
    () => new ElectronStore({ name: 'window', cwd: folder, configFileMode: 0o600, clearInvalidConfig: true }),
  )
}
