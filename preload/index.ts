import { contextBridge, ipcRenderer } from 'electron'
import type { MillwrightApi } from '../contract/api'
import type { Channel } from '../contract/channel'

/** Listens to one channel; what came before the page listened is kept, the latest only. */
function inbox<T>(channel: Channel): (listener: (message: T) => void) => () => void {
  const listeners = new Set<(message: T) => void>()
  let missed: { readonly message: T } | undefined
  ipcRenderer.on(channel, (_event, message: T) => {
    missed = listeners.size === 0 ? { message } : undefined
    for (const listener of listeners) listener(message)
  })
  return (listener) => {
    listeners.add(listener)
    if (missed) listener(missed.message)
    missed = undefined
    return () => listeners.delete(listener)
  }
}

const api: MillwrightApi = {
  call: (name, input) => ipcRenderer.invoke('millwright:call' satisfies Channel, name, input),
  onDelta: inbox('millwright:delta'),
  onNavigate: inbox('millwright:navigate'),
}
contextBridge.exposeInMainWorld('millwright', api)
