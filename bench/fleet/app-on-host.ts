import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { compose } from '../../main/compose'
import { publish } from '../../main/shell/publish'

/**
 * Runs on a host: the composed app with a window that shows, for measuring. Reads a word a line, and prints a line of
 * JSON for each: `usage` what the process has used since the last time, `health` how the builders do; `wake` looks at
 * all of them at once.
 */
export interface Usage {
  /** Of this process, without those that it starts. */
  readonly cpuMs: number
  readonly wallMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly delayP99Ms: number
  readonly files: number
}

export interface Seen {
  readonly all: number
  readonly unreachable: number
  /** Shown with a sample that came after the last `wake`. */
  readonly fresh: number
}

const app = compose({ appVersion: '0.0.0', copyText: () => undefined })
let wokenMs = Date.now()
const published = publish(app.store, {
  isWatching: () => true,
  send: (delta) => void JSON.stringify(delta),
})
const delay = monitorEventLoopDelay({ resolution: 10 })
let before = { cpu: process.cpuUsage(), wallMs: performance.now() }

function usage(): Usage {
  global.gc?.()
  const { user, system } = process.cpuUsage(before.cpu)
  const { rss, heapUsed } = process.memoryUsage()
  const used = {
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - before.wallMs,
    rssBytes: rss,
    heapBytes: heapUsed,
    delayP99Ms: delay.percentile(99) / 1e6,
    files: readdirSync('/proc/self/fd').length,
  }
  delay.reset()
  before = { cpu: process.cpuUsage(), wallMs: performance.now() }
  return used
}

function health(): Seen {
  const { builders } = app.store.snapshot()
  return {
    all: builders.length,
    unreachable: builders.filter((one) => one.health?.state === 'unreachable').length,
    fresh: builders.filter((one) => (one.health?.sample?.atMs ?? 0) >= wokenMs).length,
  }
}

void app.ready.then(() => {
  published.whole()
  delay.enable()
  app.watch()
  console.log(JSON.stringify(health()))
})

createInterface({ input: process.stdin })
  .on('line', (word) => {
    if (word === 'wake') {
      wokenMs = Date.now()
      app.wake()
    }
    console.log(JSON.stringify(word === 'usage' ? usage() : health()))
  })
  .on('close', () => void app.close().then(() => process.exit(0)))
