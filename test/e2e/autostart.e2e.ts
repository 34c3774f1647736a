import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectOnHost } from '../world/fleet/on-host'
import { until } from '../world/fleet/process'
import { launchApp } from './launch'
import { openStage, runtimeFolder, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayPanel } from './tray-panel'

const config = '/home/dev/.config'
const entry = `${config}/autostart/org.millwright.Millwright.desktop`

/** Starting when the person logs in, by the very file that the app leaves for the desktop. */
describe.skipIf(!stageFile())('starting at login', () => {
  let stage: Stage
  let panel: TrayPanel
  let pid = ''

  /** Has the app set how it starts, and closes it. */
  const setWay = async (way: 'off' | 'desktop') => {
    const app = await launchApp(stage)
    const reply = await app.page.evaluate(
      (wish) => window.millwright.call('set-autostart', { way: wish }),
      way,
    )
    const seen = await app.page.evaluate(() => window.millwright.call('get-snapshot', {}))
    await app.close()
    return { reply, autostart: seen.ok && seen.value.autostart }
  }
  /** What a desktop does with an entry of its autostart folder. */
  const login = () => stage.desktop.exec(['sh', '-c', `gio launch ${entry} >/dev/null 2>&1`])
  const start = (...words: string[]) =>
    stage.desktop.exec([`${runtimeFolder}/electron`, projectOnHost, ...words], { timeoutMs: 20_000 })
  /** The app's first processes, without those that Chromium starts. */
  const running = async () => {
    const { stdout } = await stage.client.sh(
      `pgrep -u dev -a -f '^${runtimeFolder}/electron' | grep -v -- --type=`,
    )
    return stdout.split('\n').flatMap((line) => line.split(' ')[0] || [])
  }
  const windows = async () => {
    const { stdout } = await stage.desktop.exec([
      'xdotool',
      'search',
      '--onlyvisible',
      '--class',
      'millwright',
    ])
    return stdout.split('\n').filter(Boolean).length
  }
  const one = async () => {
    const [first = '', ...twins] = await running()
    expect(twins).toEqual([])
    return first
  }

  beforeAll(async () => {
    stage = await openStage()
    panel = await openTrayPanel(stage.busAddress)
  })
  afterAll(async () => {
    for (const left of await running()) await stage.client.exec(['kill', left])
    await until('no app', async () => (await running()).length === 0)
    panel?.close()
  })

  it('is a file for the desktop, which the desktop’s own tools find right', async () => {
    expect(await setWay('desktop')).toMatchObject({
      reply: { ok: true },
      autostart: { way: 'desktop', offered: ['off', 'desktop'] },
    })
    const { stdout } = await stage.client.exec(['desktop-file-validate', entry])
    expect(stdout).toBe('')
  })

  it('shows the tray, and no window', async () => {
    const before = panel.registered()
    await login()
    await until('an icon in the tray', async () => panel.registered() === before + 1)
    expect(await windows()).toBe(0)
    pid = await one()
  })

  it('makes no twin and raises no window when the desktop starts it once more', async () => {
    const before = panel.registered()
    const line = (await stage.client.must(['sed', '-n', 's/^Exec=//p', entry])).trim()
    expect(line).toBe(`${runtimeFolder}/electron ${projectOnHost} --hidden`)
    expect((await start('--hidden')).code).toBe(0)
    expect(await one()).toBe(pid)
    expect(await windows()).toBe(0)
    expect(panel.registered()).toBe(before)
  })

  it('raises the window when a person starts it', async () => {
    expect((await start()).code).toBe(0)
    await until('a window', async () => (await windows()) === 1)
    expect(await one()).toBe(pid)
  })

  it('goes with the session, and comes with the next one, without a twin', async () => {
    panel.close()
    await stage.desktop.logOut()
    await until('the end of the app', async () => (await running()).length === 0, 30_000)

    stage = await openStage()
    await login() // The panel of this desktop is slower than its autostart.
    await until('the app', async () => (await running()).length > 0)
    panel = await openTrayPanel(stage.busAddress)
    await panel.item()
    expect(panel.registered()).toBe(1)
    expect(await one()).not.toBe(pid)
    expect(await windows()).toBe(0)
  })

  it('leaves no trace when it is turned off', async () => {
    for (const left of await running()) await stage.client.exec(['kill', left])
    await until('no app', async () => (await running()).length === 0)
    expect(await setWay('off')).toMatchObject({ reply: { ok: true }, autostart: { way: 'off' } })
    const { stdout } = await stage.client.sh(`find ${config} -ipath '*autostart*' -o -ipath '*systemd*'`)
    expect(stdout).toBe('')
  })
})
