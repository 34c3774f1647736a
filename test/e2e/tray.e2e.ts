import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectOnHost } from '../world/fleet/on-host'
import { until } from '../world/fleet/process'
import { launchApp, type RunningApp } from './launch'
import { openStage, runtimeFolder, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayItem, type TrayPanel } from './tray-panel'

describe.skipIf(!stageFile())('the tray', () => {
  let stage: Stage
  let panel: TrayPanel
  let item: TrayItem
  let app: RunningApp
  const windows = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
  const tray = () =>
    app.page.evaluate(async () => {
      const reply = await window.millwright.call('get-snapshot', {})
      return reply.ok && reply.value.tray
    })

  beforeAll(async () => {
    stage = await openStage()
    app = await launchApp(stage)
  })
  afterAll(async () => {
    await app?.close()
    panel?.close()
  })

  it('is said to be absent where the desktop has none', async () => {
    await app.page.getByText('This desktop shows no tray icons').waitFor()
    expect(await tray()).toBe('absent')
  })

  it('appears when a panel appears after the app', async () => {
    panel = await openTrayPanel(stage.busAddress)
    item = await panel.item()
    await app.page.getByText('This desktop shows no tray icons').waitFor({ state: 'hidden' })
    const labels = (await item.menu()).filter(({ separator }) => !separator).map(({ label }) => label)
    expect(labels).toEqual([
      'No builders yet',
      'Add builder…',
      'Builds…',
      'Open Millwright',
      'Settings…',
      'Quit',
    ])
    expect(await item.tooltip()).toBe('Millwright: No builders yet')
  })

  it('appears again when the panel was restarted', async () => {
    panel.close()
    await app.page.getByText('This desktop shows no tray icons').waitFor()
    panel = await openTrayPanel(stage.busAddress)
    item = await panel.item()
    expect(await item.tooltip()).toBe('Millwright: No builders yet')
  })

  it('wears a light icon on a dark desktop and a dark one on a light desktop', async () => {
    const brightness = async (source: 'light' | 'dark') => {
      await app.electron.evaluate(({ nativeTheme }, theme) => {
        nativeTheme.themeSource = theme
      }, source)
      const icon = await item.icon()
      if ('file' in icon) throw new Error('an icon by file')
      const { pixels } = icon
      const inked = [...Array(pixels.length / 4).keys()].filter((pixel) => (pixels[pixel * 4] ?? 0) > 200)
      return inked.reduce((sum, pixel) => sum + (pixels[pixel * 4 + 1] ?? 0), 0) / inked.length
    }
    await until('a light icon', async () => (await brightness('dark')) > 180)
    await until('a dark icon', async () => (await brightness('light')) < 90)
  })

  it('keeps the app when the window is closed, and opens it again', async () => {
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await until('no window', async () => (await windows()) === 0)
    const opened = app.electron.waitForEvent('window')
    await item.click('Open Millwright')
    app = { ...app, page: await opened }
    await app.page.getByText('No builders yet').first().waitFor()
  })

  it('leads to the sheet, also when the window has to be made first', async () => {
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await until('no window', async () => (await windows()) === 0)
    const opened = app.electron.waitForEvent('window')
    await item.click('Add builder…')
    app = { ...app, page: await opened }
    await app.page.getByRole('heading', { name: 'Add a builder' }).waitFor()
  })

  it('raises the window when the app is started a second time', async () => {
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await until('no window', async () => (await windows()) === 0)
    const opened = app.electron.waitForEvent('window')
    const { code } = await stage.desktop.exec([`${runtimeFolder}/electron`, projectOnHost], {
      timeoutMs: 20_000,
    })
    expect(code).toBe(0)
    app = { ...app, page: await opened }
    expect(await windows()).toBe(1)
    expect(panel.registered()).toBe(1)
  })

  it('remembers where the window was, in a file for this person alone', async () => {
    const place = { x: 120, y: 90, width: 800, height: 600 }
    await app.electron.evaluate(({ BrowserWindow }, bounds) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.setBounds(bounds)
      window?.close()
    }, place)
    await until('no window', async () => (await windows()) === 0)
    const opened = app.electron.waitForEvent('window')
    await item.click('Open Millwright')
    app = { ...app, page: await opened }
    expect(
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
    ).toEqual(place)
    const mode = await stage.client.must(['stat', '-c', '%a %U', '/home/dev/.config/Millwright/window.json'])
    expect(mode.trim()).toBe('600 dev')
  })

  it('ends the app', async () => {
    const ended = app.electron.waitForEvent('close')
    await item.click('Quit')
    await ended
  })
})
