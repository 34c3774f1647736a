import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../world/fleet/process'
import { launchApp, type RunningApp } from './launch'
import { openStage, type Stage, stageFile } from './stage'

const logFile = '/home/dev/.local/state/millwright/app.log'

/** What becomes of a window whose process dies under it. */
describe.skipIf(!stageFile())('a window whose process is gone', () => {
  let stage: Stage
  let app: RunningApp
  const crash = () =>
    app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    )
  /** What the window shows; asked of a process that is going it would never settle. */
  const shown = () =>
    app.electron.evaluate(async ({ BrowserWindow }) =>
      String(
        await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText'),
      ),
    )
  const isLogged = async (event: string) => (await stage.client.readFile(logFile)).includes(` ${event}`)
  const windows = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

  beforeAll(async () => {
    stage = await openStage()
    app = await launchApp(stage)
    await app.page.getByText('Millwright').first().waitFor()
  })
  afterAll(async () => await app?.close())

  it('is shown anew by another', async () => {
    await crash()
    await until('another process', () => isLogged('renderer-replaced'), 20_000)
    await until('the page again', async () => (await shown()).includes('Builders'), 20_000)
  })

  it('is closed when that one is gone too, at once; where there is no tray the app ends with it', async () => {
    expect(await windows()).toBe(1)
    await crash()
    await until('no window', () => isLogged('renderer-given-up'), 20_000)
    await until('no app', () => isLogged('app-ended'), 20_000)
  })

  it('is in the log, which nobody else can read', async () => {
    for (const event of ['app-started', 'renderer-gone reason=crashed', 'renderer-given-up'])
      expect(await isLogged(event)).toBe(true)
    const { stdout } = await stage.client.exec(['stat', '-c', '%a %U', logFile])
    expect(stdout).toBe('600 dev\n')
  })
})
