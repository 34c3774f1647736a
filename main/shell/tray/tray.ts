import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { app, Menu, type MenuItemConstructorOptions, nativeImage, nativeTheme, screen, Tray } from 'electron'
import { isPanelDark } from '../../../core/system/panel'
import type { SnapshotSource } from '../source'
import { throttle } from '../throttle'
import type { TrayAction, TrayEntry } from './entry'
import { type TrayFace, trayFace } from './menu'

/** The tray while the desktop has a place for one: made anew whenever such a place appears. */
export interface ManagedTray {
  show(isThere: boolean): void
  isShown(): boolean
}

/** Shows the state of the source in the tray, and does what is chosen there. */
export function createTray(source: SnapshotSource, act: (action: TrayAction) => void): ManagedTray {
  let remove: (() => void) | undefined
  return {
    show(isThere) {
      remove?.()
      remove = isThere ? showTray(source, act) : undefined
    },
    isShown: () => remove !== undefined,
  }
}

/** Samples of many builders come many times a second; the person reads one face a second at most. */
const calmMs = 1_000
/** What somebody has done shows at once. */
const promptMs = 100
const promptParts = ['jobs', 'modes', 'builders', 'unmanaged', 'brokenLines'] as const
/** Times of day and durations grow old by themselves. */
const minuteMs = 60_000

/** Shows the tray's icon and menu and keeps them true. Returns how to take it away. */
function showTray(source: SnapshotSource, act: (action: TrayAction) => void): () => void {
  let face = trayFace(source.snapshot(), Date.now())
  const tray = new Tray(iconOf(face.icon))
  const paintIcon = () => tray.setImage(iconOf(face.icon))
  const paintText = () => {
    tray.setToolTip(face.tooltip)
    tray.setTitle(face.title) // Linux has no place for it.
  }
  const paintMenu = () =>
    tray.setContextMenu(Menu.buildFromTemplate(face.entries.map((entry) => itemOf(entry, perform))))
  // A menu ticks what was chosen by itself; painted again it shows what is true, and then what comes of it.
  const perform = (action: TrayAction) => {
    act(action)
    paintMenu()
  }
  // Each new menu renumbers its entries under the pointer: only a change the person can see is worth one.
  const update = () => {
    const before = face
    face = trayFace(source.snapshot(), Date.now())
    if (face.icon !== before.icon) paintIcon()
    if (face.tooltip !== before.tooltip || face.title !== before.title) paintText()
    if (!isDeepStrictEqual(face.entries, before.entries)) paintMenu()
  }
  paintText()
  paintMenu()
  // StatusNotifierItem's Activate; macOS opens the menu instead, and tells of both.
  if (process.platform === 'linux') tray.on('click', () => act({ kind: 'open' }))

  const calm = throttle(calmMs, update)
  const prompt = throttle(promptMs, update)
  let seen = source.state()
  const unsubscribe = source.subscribe(() => {
    const state = source.state()
    const isPrompt = promptParts.some((part) => state[part] !== seen[part])
    seen = state
    if (isPrompt) prompt.ask()
    else calm.ask()
  })
  const ageing = setInterval(calm.ask, minuteMs)
  nativeTheme.on('updated', paintIcon)
  return () => {
    unsubscribe()
    calm.stop()
    prompt.stop()
    clearInterval(ageing)
    nativeTheme.off('updated', paintIcon)
    tray.destroy()
  }
}

function itemOf(entry: TrayEntry, act: (action: TrayAction) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'separator':
      return { type: 'separator' }
    case 'text':
      return { label: entry.label, enabled: false }
    case 'action':
      return {
        label: entry.label,
        enabled: entry.enabled,
        click: () => act(entry.action),
        ...(entry.checked === undefined ? {} : { type: 'checkbox', checked: entry.checked }),
      }
    case 'submenu':
      return {
        label: entry.label,
        enabled: entry.enabled,
        submenu: entry.entries.map((inner) => itemOf(inner, act)),
      }
  }
}

/** macOS colours a template image itself; on Linux the set for the theme, in the size that suits the screen. */
function iconOf(state: TrayFace['icon']): Electron.NativeImage {
  const folder = join(app.getAppPath(), 'assets/tray')
  if (process.platform === 'darwin') return nativeImage.createFromPath(join(folder, `${state}Template.png`))
  const isDark = isPanelDark(process.env.XDG_CURRENT_DESKTOP, nativeTheme.shouldUseDarkColors)
  const panel = isDark ? 'on-dark' : 'on-light'
  return nativeImage.createFromPath(join(folder, `${state}-${panel}-${linuxSize()}.png`))
}

/** A panel's icon is 22 or 24 pixels high per unit of scale; StatusNotifierItem takes one picture. */
function linuxSize(): number {
  const wanted = 24 * screen.getPrimaryDisplay().scaleFactor
  return [24, 32, 48].find((size) => size >= wanted) ?? 48
}
