import ElectronStore from 'electron-store'
import type { WindowStore } from './window-bounds'

/** `window.json` in Electron's folder of the app, mode 0600; one that is no JSON is begun anew. */
export function openWindowStore(): WindowStore {
  return new ElectronStore({ name: 'window', configFileMode: 0o600, clearInvalidConfig: true })
}
