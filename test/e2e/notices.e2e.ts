import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { works } from '../../core/status/summary'
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
  const readBuilders = () =>
    app.page.evaluate(async () => {
      const reply = await window.millwright.call('get-snapshot', {})
      return reply.ok ? reply.value.builders : []
    })
  /**
   * Whether each has worked for as long as it takes to see that, whatever else is looked at. Before the app has
   * read root's files it knows of no builder, and one that it first sees lost is no news.
   */
  const areAllKnown = async () => {
    const seen = await readBuilders()
    const isKnown = (id: string) => {
      const health = seen.find((builder) => builder.id === id)?.health
      return health !== undefined && works(health.state) && Date.now() - Date.parse(health.since) > 3_000
    }
    return names.every(isKnown)
  }
  /** Waits for notices; one that fails to come says what the tray, the app and the desktop had instead. */
  const untilNotices = async (count: number, deadlineMs: number) => {
    const tray: string[] = []
    const isSent = async () => {
      const now = await tooltip()
      if (now !== tray.at(-1)?.replace(/^\S+ /, '')) tray.push(`${new Date().toISOString()} ${now}`)
      return board.sent().length >= count
    }
    await until(`${count} notices`, isSent, deadlineMs).catch(async (error: Error) => {
      const [idle, page] = await Promise.all([
        app.electron.evaluate(({ powerMonitor }) => powerMonitor.getSystemIdleState(60)),
        (await windows()) > 0 ? app.page : reopened(),
      ])
      app = { ...app, page }
      const builders = (await readBuilders()).map(({ id, state, failure, suspendedSince, health }) =>
        [id, state, failure?.code, suspendedSince, health?.state, health?.since].join(' '),
      )
      const sent = board.sent().map(({ title }) => title)
      throw new Error(`${error.message}\n${JSON.stringify({ sent, tray, idle, builders }, undefined, 1)}`)
    })
  }
  const reopened = async () => {
    const opened = app.electron.waitForEvent('window')
    await (await panel.item()).click('Open Millwright')
    return await opened
  }
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
    await untilNotices(1, 60_000)
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
    await untilNotices(2, 90_000)
    expect(board.shown().map(({ title }) => title)).toEqual(['otto is back'])
  })
})
