import { setTimeout } from 'node:timers/promises'
import { app, BrowserWindow, type WebContents } from 'electron'
import type { Handlers } from '../../contract/api'
import type { HealthView } from '../../contract/health'
import { initialState } from '../../main/initial-state'
import { listen } from '../../main/shell/ipc'
import { publish } from '../../main/shell/publish'
import { createMainWindow, registerScheme } from '../../main/shell/window'
import { createStore, type State, type Store } from '../../main/store'
import { manyBuilders } from '../../test/fixtures/builders'
import { aHealth } from '../../test/fixtures/health'
import { aSnapshot } from '../../test/fixtures/snapshot'

/**
 * The app's own window, preload, store and publishing without what looks at builders: shows so many of them, has all
 * change at once so many times, and prints what the window's main thread did about each, in ms, as JSON.
 */
const [builders = 500, updates = 30] = process.argv.slice(-2).map(Number)
/** Longer than what an update can take, with the pace at which changes are sent. */
const settledMs = 400
const warmUps = 5

registerScheme()
void app.whenReady().then(measure).then(print, print)

function print(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result instanceof Error ? { error: result.stack } : result)}\n`)
  app.exit(result instanceof Error ? 1 : 0)
}

async function measure() {
  const store = createStore(stateOf(builders))
  const place = { load: () => ({ width: 960, height: 640 }), save: () => undefined }
  const window = createMainWindow(place, {
    onWatching: () => published.refresh(),
    writeLog: () => undefined,
  })
  const published = publish(store, window)
  const whole = async () => ({ ok: true as const, value: published.whole() })
  // A window that shows a list asks for nothing else.
  listen({ 'get-snapshot': whole } as unknown as Handlers)
  window.show()
  const [page] = BrowserWindow.getAllWindows().map(({ webContents }) => webContents)
  if (!page) throw new Error('no window')
  while ((await rowsOf(page)) === 0) await setTimeout(50)
  page.debugger.attach('1.3')
  await page.debugger.sendCommand('Performance.enable')
  const samples: Work[] = []
  for (let number = 0; number < warmUps + updates; number++) {
    const work = await measureUpdate(store, page, number)
    if (number >= warmUps) samples.push(work)
  }
  return { rows: await rowsOf(page), samples }
}

/** What the main thread of the page did, in ms: all of its tasks, and of that its scripts, styles and layout. */
interface Work {
  readonly tasks: number
  readonly scripts: number
  readonly styles: number
  readonly layout: number
}

async function measureUpdate(store: Store, page: WebContents, number: number): Promise<Work> {
  await setTimeout(settledMs)
  const before = await workOf(page)
  store.update({ health: changed(store.state().health, number) })
  await setTimeout(settledMs)
  const after = await workOf(page)
  if (!(await textOf(page)).includes(latencyText(number))) throw new Error(`update ${number} is not drawn`)
  return {
    tasks: after.tasks - before.tasks,
    scripts: after.scripts - before.scripts,
    styles: after.styles - before.styles,
    layout: after.layout - before.layout,
  }
}

async function workOf(page: WebContents): Promise<Work> {
  const { metrics } = await page.debugger.sendCommand('Performance.getMetrics')
  const ms = (wanted: string) =>
    1000 * metrics.find(({ name }: { readonly name: string }) => name === wanted).value
  return {
    tasks: ms('TaskDuration'),
    scripts: ms('ScriptDuration'),
    styles: ms('RecalcStyleDuration'),
    layout: ms('LayoutDuration'),
  }
}

const rowsOf = (page: WebContents): Promise<number> =>
  page.executeJavaScript("document.querySelectorAll('[data-row-name]').length")
const textOf = (page: WebContents): Promise<string> =>
  page.executeJavaScript("document.querySelector('[aria-label=Builders]').textContent")

/** As the app has it: builders as root's files have them, and beside them how each does. */
function stateOf(count: number): State {
  const { revision: _, ...seen } = aSnapshot({ builders: manyBuilders(count) })
  const health = seen.builders.map(({ id, health }) => [id, health ?? aHealth()] as const)
  const known = seen.builders.map(({ health: _, failure: __, ...builder }) => ({
    ...builder,
    state: 'ready' as const,
  }))
  return { ...initialState('0.0.0'), ...seen, builders: known, health: Object.fromEntries(health) }
}

/** A new sample of each. */
function changed(health: State['health'], number: number): Record<string, HealthView> {
  return Object.fromEntries(Object.entries(health).map(([id, view]) => [id, withSample(view, number)]))
}

function withSample(view: HealthView, number: number): HealthView {
  if (!view.sample) return view
  const { cpus, storeFreeBytes = 0 } = view.sample
  const load1 = cpus * (0.2 + 0.6 * ((number % 7) / 7))
  return {
    ...view,
    sample: {
      ...view.sample,
      atMs: Date.now(),
      latencyMs: latencyOf(number),
      load1,
      storeFreeBytes: storeFreeBytes - 1e9,
    },
    trend: [...view.trend.slice(1), Math.round((100 * load1) / cpus) / 100],
  }
}

const latencyOf = (number: number) => 100 + number
const latencyText = (number: number) => `${latencyOf(number)} ms`
