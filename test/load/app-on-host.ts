import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { logFolder } from '../../main/adapters/system/folders'
import { createLog } from '../../main/adapters/system/log'
import { compose } from '../../main/compose'
import { publish } from '../../main/shell/publish'

/** What the process uses; of CPU and delay, since this was last asked. */
export interface Usage {
  /** Of this process, without those that it starts. */
  readonly cpuMs: number
  readonly wallMs: number
  readonly delayP99Ms: number
  readonly rssBytes: number
  readonly heapBytes: number
  /** Open descriptors. */
  readonly files: number
  readonly timers: number
  /** Processes that it has started and that have not ended. */
  readonly children: number
  /** Of events that somebody has listened to too often, by Node's own count. */
  readonly warnings: number
}

/** What it shows of builders. */
export interface Seen {
  readonly all: number
  /** Ready or building. */
  readonly well: number
  readonly unreachable: number
  /** With a sample that came after the last `wake`. */
  readonly fresh: number
}

/**
 * Runs on a host: the composed app with a window that shows, for measuring. Reads a word a line, and prints a line of
 * JSON for each: `usage`, `seen`, or `wake`, which looks at all builders at once.
 */
const log = createLog({ folder: logFolder(), name: 'app' })
const app = compose({ appVersion: '0.0.0', copyText: () => undefined, programFolder: '/opt', log })
let wokenMs = Date.now()
let warnings = 0
process.on('warning', ({ name }) => {
  if (name === 'MaxListenersExceededWarning') warnings++
})
const published = publish(app.store, {
  isWatching: () => true,
  send: (delta) => void JSON.stringify(delta),
})
const delay = monitorEventLoopDelay({ resolution: 10 })
let before = { cpu: process.cpuUsage(), wallMs: performance.now() }

function usage(): Usage {
  const { user, system } = process.cpuUsage(before.cpu)
  const wallMs = performance.now() - before.wallMs
  const delayP99Ms = delay.percentile(99) / 1e6
  global.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const used = {
    cpuMs: (user + system) / 1000,
    wallMs,
    delayP99Ms,
    rssBytes: rss,
    heapBytes: heapUsed,
    files: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean)
      .length,
    warnings,
  }
  delay.reset()
  before = { cpu: process.cpuUsage(), wallMs: performance.now() }
  return used
}

function seen(): Seen {
  const { builders } = app.store.snapshot()
  const count = (...states: readonly string[]) =>
    builders.filter(({ state }) => states.includes(state)).length
  return {
    all: builders.length,
    well: count('ready', 'building'),
    unreachable: builders.filter(({ health }) => health?.state === 'unreachable').length,
    fresh: builders.filter(({ health }) => (health?.sample?.atMs ?? 0) >= wokenMs).length,
  }
}

void app.ready.then(() => {
  published.whole()
  delay.enable()
  app.watch()
  console.log(JSON.stringify(seen()))
})

createInterface({ input: process.stdin })
  .on('line', (word) => {
    if (word === 'wake') {
      wokenMs = Date.now()
      app.wake()
    }
    console.log(JSON.stringify(word === 'usage' ? usage() : seen()))
  })
  .on('close', () => void app.close().then(() => process.exit(0)))
