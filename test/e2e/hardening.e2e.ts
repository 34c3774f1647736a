import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectOnHost } from '../world/fleet/on-host'
import { launchApp, type RunningApp } from './launch'
import { openStage, type Stage, stageFile } from './stage'

declare global {
  /** The links that the app would have opened in a browser, in its main process. */
  var opened: readonly string[] | undefined
}

/** What the window cannot do, whatever runs in it: seen from inside the real one. */
describe.skipIf(!stageFile())('the window', () => {
  let stage: Stage
  let app: RunningApp

  beforeAll(async () => {
    stage = await openStage()
    app = await launchApp(stage)
    await app.page.getByText('Millwright').first().waitFor()
  })
  afterAll(async () => await app?.close())

  it('has no Node, and one bridge with three functions', async () => {
    const found = await app.page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in window),
      bridge: Object.keys(window.millwright).sort(),
    }))
    expect(found).toEqual({ node: [], bridge: ['call', 'onDelta', 'onNavigate'] })
  })

  it('lives in a process that the kernel confines', async () => {
    const pid = await app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    )
    const status = await stage.client.readFile(`/proc/${pid}/status`)
    expect(status).toMatch(/^Seccomp:\t2$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
  })

  it('runs no script but its own, and fetches, frames and sends nothing', async () => {
    const violations = await app.page.evaluate(async () => {
      const seen: string[] = []
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        seen.push(effectiveDirective),
      )
      const add = (tag: string, part: Record<string, string>) =>
        document.body.append(Object.assign(document.createElement(tag), part))
      const tried = [
        () => add('script', { textContent: 'window.ran = true' }),
        () => add('script', { src: 'data:text/javascript,window.ran=true' }),
        () => add('img', { src: 'https://evil.example/pixel.png' }),
        () => add('iframe', { src: 'millwright://app/index.html' }),
        () => setTimeout('window.ran = true'), // as eval() does; the debugger exempts that in its own calls
        () => fetch('https://evil.example/'),
        () => new WebSocket('wss://evil.example/'),
        () => new Worker('data:text/javascript,'),
      ]
      await Promise.allSettled(tried.map(async (attempt) => attempt()))
      while (!seen.includes('frame-src')) await new Promise(requestAnimationFrame) // The last to be judged.
      return { seen: [...new Set(seen)].sort(), ran: 'ran' in window }
    })
    expect(violations).toEqual({
      seen: ['connect-src', 'frame-src', 'img-src', 'script-src', 'script-src-elem', 'worker-src'],
      ran: false,
    })
  })

  it.each(['https://evil.example/', 'millwright://app/assets/', 'millwright://other/index.html'])(
    'is kept from going to %s',
    async (address) => {
      const result = await app.electron.evaluate(async ({ BrowserWindow }, url) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        const prevented = new Promise((resolve) =>
          contents?.once('will-navigate', (event) => resolve(event.defaultPrevented)),
        )
        await contents?.executeJavaScript(`location.href = ${JSON.stringify(url)}; undefined`)
        return { prevented: await prevented, at: contents?.getURL() }
      }, address)
      expect(result).toEqual({ prevented: true, at: 'millwright://app/index.html' })
    },
  )

  it.each(['file:///etc/passwd', 'data:text/html,<h1>not ours</h1>'])('cannot go to %s', async (address) => {
    const at = await app.electron.evaluate(async ({ BrowserWindow }, url) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      // Chromium itself refuses these; two frames later the same page would no longer be there to answer.
      return await contents?.executeJavaScript(`location.href = ${JSON.stringify(url)};
        new Promise((answer) => requestAnimationFrame(() => requestAnimationFrame(() => answer(location.href))))`)
    }, address)
    expect(at).toBe('millwright://app/index.html')
  })

  it('opens no second window, and outside only what is listed', async () => {
    await app.electron.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openExternal = async (url) => void opened.push(url)
    })
    const made = await app.page.evaluate(() =>
      ['https://evil.example/', 'file:///etc/passwd', 'https://nix.dev/'].map(
        (url) => window.open(url) !== null,
      ),
    )
    expect(made).toEqual([false, false, false])
    const result = await app.electron.evaluate(({ BrowserWindow }) => ({
      windows: BrowserWindow.getAllWindows().length,
      opened: globalThis.opened,
    }))
    expect(result).toEqual({ windows: 1, opened: ['https://nix.dev/'] })
  })

  it('is given no permission', async () => {
    const given = await app.page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      location: (await navigator.permissions.query({ name: 'geolocation' })).state,
      clipboard: await navigator.clipboard.readText().then(
        () => 'read',
        () => 'refused',
      ),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'open',
        () => 'refused',
      ),
    }))
    expect(given).toEqual({
      notifications: 'denied',
      location: 'denied',
      clipboard: 'refused',
      camera: 'refused',
    })
  })

  it('is refused what the contract does not know', async () => {
    const codes = await app.page.evaluate(async () => {
      const call = window.millwright.call as (
        name: string,
        input: unknown,
      ) => Promise<{ failure?: { code: string } }>
      const inputs: [string, unknown][] = [
        ['no-such-command', {}],
        ['remove-builder', { id: '../etc', localOnly: true }],
        ['pause-builder', { id: 'anna', extra: 1 }],
      ]
      const replies = await Promise.all(inputs.map(([name, input]) => call(name, input)))
      return replies.map(({ failure }) => failure?.code)
    })
    expect(codes).toEqual(['INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT'])
  })

  it.each(['data:text/html,<h1>a stranger</h1>', 'millwright://app/assets/none.html'])(
    'alone is answered: the same preload on %s is refused',
    async (url) => {
      const preload = join(projectOnHost, 'out/preload/index.js')
      const answer = await app.electron.evaluate(
        async ({ BrowserWindow }, [address, script]) => {
          const stranger = new BrowserWindow({
            show: false,
            webPreferences: { preload: script, sandbox: true },
          })
          await stranger.loadURL(address).catch(() => undefined)
          const ask = `millwright.call('get-snapshot', {}).then(() => 'answered', (error) => error.message)`
          const said: string = await stranger.webContents.executeJavaScript(ask)
          stranger.destroy()
          return said
        },
        [url, preload] as const,
      )
      expect(answer).toContain('Only the Millwright window may ask this.')
    },
  )

  it('comes back by itself from an empty page, which nothing can hold back', async () => {
    await app.electron.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      await contents?.executeJavaScript(`location.href = 'about:blank'; undefined`)
    })
    await app.page.getByRole('heading', { level: 1 }).waitFor({ timeout: 30_000 })
    expect(app.page.url()).toBe('millwright://app/index.html')
  })
})
