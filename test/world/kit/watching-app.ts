import { createInterface } from 'node:readline'
import { failureWords } from '../../../core/failures/words'
import { logFolder } from '../../../main/adapters/system/folders'
import { createLog } from '../../../main/adapters/system/log'
import { compose } from '../../../main/compose'

/** The composed app without a window, for a host: commands come in on stdin, states go out on stdout, as JSON lines. */
const log = createLog({ folder: logFolder(), name: 'app' })
const app = compose({ appVersion: '0.0.0', copyText: () => undefined, programFolder: '/opt', log })

/** What a computer whose clock was set would show. */
let shiftMs = 0
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...given: [] | [number | string]) {
    if (given.length === 0) super(RealDate.now() + shiftMs)
    else super(given[0])
  }
  static override now = () => RealDate.now() + shiftMs
} as DateConstructor

let said = ''
const say = () => {
  const { builders, jobs, builds } = app.store.snapshot()
  const line = JSON.stringify({
    builds,
    jobs: jobs.map(({ kind, state, failure }) => ({ kind, state, failure: failure?.code })),
    builders: builders.map(({ id, state, failure, pausedUntil, suspendedSince, runningBuilds, health }) => ({
      id,
      state,
      failure: failure?.code,
      pausedUntil,
      suspendedSince,
      runningBuilds,
      health: health && {
        ...{ state: health.state, since: health.since, handshakeAt: health.handshakeAt },
        ...(health.failure
          ? { failure: health.failure.code, title: failureWords(health.failure).title }
          : {}),
        ...(health.sample ? { nixVersion: health.sample.nixVersion, atMs: health.sample.atMs } : {}),
      },
    })),
  })
  if (line !== said) process.stdout.write(`${line}\n`)
  said = line
}

app.store.subscribe(say)
void app.ready.then(() => app.watch())

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { pause, resume, clockMs, wake } = JSON.parse(line)
    if (wake) app.wake()
    if (pause) void app.handlers['pause-builder'](pause)
    if (resume) void app.handlers['resume-builder'](resume)
    if (clockMs !== undefined) shiftMs = clockMs
  })
  .on('close', () => void app.close().then(() => process.exit(0)))
