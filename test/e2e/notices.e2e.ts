import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../world/fleet/process'
import { type Administrator, seatAdministrator } from './administrator'
import { addBuilders, removeBuilders } from './builders'
import { launchApp, type RunningApp } from './launch'
import { type NoticeBoard, openNoticeBoard } from './notice-board'
import { openStage, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayPanel } from './tray-panel'

const names = ['otto', 'anna'] as const

/** What the desktop tells a person whose builders come and go. */
describe.skipIf(!stageFile())('notices', () => {
  let stage: Stage
  let panel: TrayPanel
  let board: NoticeBoard
  let boss: Administrator
  let app: RunningApp
  const windows = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
  /** Whether each has been ready for as long as it takes to see that, whatever else is looked at. */
  const areAllKnown = () =>
    app.page.evaluate(async () => {
      const reply = await window.millwright.call('get-snapshot', {})
      const seen = reply.ok ? reply.value.builders.map(({ health }) => health) : []
      return seen.every((one) => one?.state === 'ready' && Date.now() - Date.parse(one.since) > 3_000)
    })
  const tooltip = async () => (await panel.item()).tooltip()

  beforeAll(async () => {
    stage = await openStage()
    boss = await seatAdministrator(stage)
    await addBuilders(stage, names)
    panel = await openTrayPanel(stage.busAddress)
    board = await openNoticeBoard(stage.busAddress)
    app = await launchApp(stage)
    // What is so when a builder is first looked at is no news.
    await until('a look at each', areAllKnown, 30_000)
  })
  afterAll(async () => {
    await stage?.host('otto').startSshd()
    await app?.close()
    await removeBuilders(stage, names)
    boss?.leave()
    board?.close()
    panel?.close()
  })

  it('say that a builder is lost', async () => {
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await stage.host('otto').stopSshd()
    await until('why, in the tray', async () => /\notto: /.test(await tooltip()), 20_000)
    await until('a notice', async () => board.sent().length > 0, 60_000)
    expect(board.sent()).toMatchObject([{ app: 'Millwright', title: 'otto does not answer' }])
  })

  it('open the window on that builder with a click', async () => {
    expect(await windows()).toBe(0)
    const opened = app.electron.waitForEvent('window')
    const [notice] = board.shown()
    if (!notice) throw new Error('no notice')
    board.click(notice)
    app = { ...app, page: await opened }
    await app.page.getByRole('heading', { name: 'otto', exact: true }).waitFor()
  })

  it('say that it is back, and never two about one builder', async () => {
    await stage.host('otto').startSshd()
    await until('two notices', async () => board.sent().length === 2, 90_000)
    expect(board.shown().map(({ title }) => title)).toEqual(['otto is back'])
  })
})
