import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme, protocol, screen, session, shell } from 'electron'
import type { Navigation } from '../../contract/api'
import type { Channel } from '../../contract/channel'
import type { DeltaText, SnapshotDelta } from '../../contract/snapshot-delta'
import type { WriteLog } from '../../core/log/entry'
import { isAllowedOutside } from './external-links'
import { replaceGoneRenderer } from './replace-renderer'
import { answerRequest, isOwnPage, pageUrl, scheme } from './scheme'

/** Where the window was; kept between starts. */
export interface WindowBounds {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
}

export interface WindowBoundsStore {
  load(): WindowBounds
  save(place: WindowBounds): void
}

/** The one window. Closing it frees its memory; whether the app lives on is the tray's matter. */
export interface MainWindow {
  /** Shows the window, making it when there is none, and takes it to a screen. */
  show(navigation?: Navigation): void
  isWatching(): boolean
  send(delta: SnapshotDelta): void
}

/** Must run before Electron is ready: gives our scheme a proper origin. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }])
}

export interface WindowOptions {
  /** Told when the person begins to see it. */
  readonly onWatching: () => void
  readonly writeLog: WriteLog
}

/** Prepares what every window shares: files of the page, and no permission for anything. */
export function createMainWindow(
  places: WindowBoundsStore,
  { onWatching, writeLog }: WindowOptions,
): MainWindow {
  const root = join(app.getAppPath(), 'out/renderer')
  protocol.handle(scheme, ({ url }) => answerRequest(root, url))
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)

  let window: BrowserWindow | undefined
  const open = () => {
    const made = openWindow(places)
    made.on('closed', () => {
      window = undefined
    })
    made.on('show', onWatching)
    made.on('restore', onWatching)
    replaceGoneRenderer(made, writeLog)
    return made
  }
  return {
    show(navigation) {
      window ??= open()
      const { webContents } = window
      const navigate = () =>
        navigation && webContents.send('millwright:navigate' satisfies Channel, navigation)
      if (webContents.isLoading()) webContents.once('did-finish-load', navigate)
      else navigate()
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    isWatching: () => window?.isVisible() === true && !window.isMinimized(),
    send: (delta) =>
      window?.webContents.send(
        'millwright:delta' satisfies Channel,
        JSON.stringify(delta) satisfies DeltaText,
      ),
  }
}

function openWindow(places: WindowBoundsStore): BrowserWindow {
  const window = new BrowserWindow({
    ...onScreen(places.load()),
    minWidth: 640,
    minHeight: 480,
    title: 'Millwright',
    icon: join(app.getAppPath(), 'assets/icon/256x256.png'),
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#161614' : '#f7f7f5',
    show: false,
    webPreferences: {
      preload: join(app.getAppPath(), 'out/preload/index.js'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  // Its keys work without the bar.
  window.setMenuBarVisibility(false)
  window.on('close', () => places.save(window.getNormalBounds()))
  confine(window)
  void window.loadURL(pageUrl)
  return window
}

/** The page stays the page: no other address, no second window; a link may open outside when it is listed. */
function confine({ webContents }: BrowserWindow): void {
  const stay = (event: { preventDefault(): void; url: string }) => {
    if (!isOwnPage(event.url)) event.preventDefault()
  }
  webContents.on('will-navigate', stay)
  webContents.on('will-redirect', stay)
  // An empty page is no navigation that could be held back (about:blank): the window would stay so.
  webContents.on('did-navigate', (_event, url) => {
    if (!isOwnPage(url)) void webContents.loadURL(pageUrl)
  })
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.setWindowOpenHandler(({ url }) => {
    if (isAllowedOutside(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
}

/** Forgets a position that no display shows any more. */
function onScreen({ x, y, width, height }: WindowBounds): WindowBounds {
  if (x === undefined || y === undefined) return { width, height }
  const { workArea } = screen.getDisplayMatching({ x, y, width, height })
  const shows =
    x < workArea.x + workArea.width &&
    x + width > workArea.x &&
    y >= workArea.y &&
    y < workArea.y + workArea.height
  return shows ? { x, y, width, height } : { width, height }
}
