import { setTimeout } from 'node:timers/promises'
import { until } from '../test/world/fleet/process'
import { type Desk, openDesk } from './support/desk'
import { type Measured, median } from './support/section'
import { apps, startTrayApp, type TrayApp } from './support/tray-app'
import { interleave } from './support/two-sides'

const builders = 10
/** By then both have loaded and looked at all there is, and V8 has given back what starting took. */
const settledMs = 40_000
const watchedMs = 60_000
const megabyte = 1e6

/** What it costs that Millwright is there, with ten builders and no window, beside an empty app with a tray. */
export async function measureIdle(rounds: number): Promise<Measured> {
  await using desk = await openDesk(builders)
  const memory = (words: readonly string[]) => async () => {
    const app = await startTrayApp(desk, words)
    await setTimeout(settledMs)
    const bytes = app.memoryBytes()
    await app.close()
    return bytes / megabyte
  }
  const { empty, ours } = await interleave(rounds, { empty: memory(apps.empty), ours: memory(apps.hidden) })
  const busy = await measureBusy(desk, rounds)
  const idle = await startTrayApp(desk, apps.empty)
  await setTimeout(settledMs)
  const emptyBusy = await busyFor(idle, watchedMs)
  await idle.close()
  return {
    cells: [
      { what: 'memory of an empty app', samples: empty, unit: 'MB' },
      { what: `memory of Millwright with ${builders} builders`, samples: ours, unit: 'MB' },
      { what: 'processor time of an empty app', samples: [emptyBusy], unit: '%' },
      { what: `processor time of Millwright with ${builders} builders`, samples: busy, unit: '%' },
    ],
    targets: [
      { what: 'memory over the empty app', value: median(ours) / median(empty), unit: '×', atMost: 1.15 },
      { what: 'processor time over 60 s, all of it', value: median(busy), unit: '%', atMost: 0.2 },
    ],
    notes: [
      'Memory is the proportional share (PSS) of all processes 40 s after the start, without any window.',
      'Processor time is that of all its processes and their children, in hundredths of one core.',
    ],
  }
}

/** How much of a core the app takes in each of so many spans, one after another. */
async function measureBusy(desk: Desk, spans: number): Promise<number[]> {
  const app = await startTrayApp(desk, apps.hidden)
  try {
    await until('all are ready', async () => /All \d+ builders ready/.test(await tooltip(desk)), 30_000)
    await setTimeout(settledMs)
    const samples: number[] = []
    for (let span = 0; span < spans; span++) samples.push(await busyFor(app, watchedMs))
    return samples
  } finally {
    await app.close()
  }
}

async function busyFor(app: TrayApp, ms: number): Promise<number> {
  const [startMs, beforeMs] = [performance.now(), app.cpuMs()]
  await setTimeout(ms)
  return (100 * (app.cpuMs() - beforeMs)) / (performance.now() - startMs)
}

async function tooltip({ panel }: Desk): Promise<string> {
  return await (await panel.item()).tooltip()
}
