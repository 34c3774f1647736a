import { whyNixFailed } from '../../core/causes/why-nix-failed'
import type { BuilderLine } from '../../core/nix/builder-lines'
import { storeWithColumns } from '../../core/nix/other-lines'
import { hostOf } from '../../core/nix/same-machine'
import { readDaemonLines } from '../daemon/daemon-lines'
import { readDaemonSettings } from '../daemon/daemon-settings'
import { keyOfLine } from '../daemon/other-lines'
import { Refusal } from '../protocol/refusal'
import { withLock } from '../system/lock'
import { withTrial } from '../system/places'
import { outputOf, run } from '../system/process'
import { enforceRateLimit } from '../system/rate-limit'
import { currentLink, type System } from '../system/system'
import type { Context } from './apply-state'

const timeoutMs = 30_000

/**
 * The daemon's own handshake with a builder that somebody else has written into the list that it goes by, as root and by
 * that line alone. Returns how long it took, in ms. Fails with INVALID, no-such-line.
 */
export async function pingLine(context: Context, key: string): Promise<number> {
  const { system, step, trail } = context
  await withLock(context, async () => {
    enforceRateLimit(system, 'switch-calls')
    trail.makeRoom()
  })
  return await withTrial(system, `line-${key.slice(0, 12)}`, async () => {
    const { machine } = await findOtherLine(system, key)
    const store = storeWithColumns(machine)
    if (store === undefined) throw new Refusal('INVALID', 'no-such-line', 'It is not reached by SSH.')
    step('ping')
    const start = performance.now()
    const command = ['nix', '--extra-experimental-features', 'nix-command', 'store', 'ping', '--store', store]
    const ran = await run(system, command, { timeoutMs })
    if (ran.status === 0) return Math.round(performance.now() - start)
    if (ran.timedOut) throw new Refusal('NEEDS_ATTENTION', 'timed-out', outputOf(ran))
    const host = hostOf(machine.uri)
    const target = host === undefined ? {} : { host }
    const { reason, said } = whyNixFailed(ran.stderr, { of: 'handshake', target })
    throw new Refusal('NEEDS_ATTENTION', reason, outputOf(ran), said)
  })
}

/** A line of others in the list that the daemon goes by, as root reads it now. Fails with INVALID, no-such-line. */
export async function findOtherLine(system: System, key: string): Promise<BuilderLine> {
  const reading = await readDaemonLines(system, await readDaemonSettings(system))
  const lines = reading !== 'unknown' && 'lines' in reading ? reading.lines.lines : []
  const found = lines.find(
    (line) => !line.place.file.startsWith(`${currentLink(system)}/`) && keyOfLine(line) === key,
  )
  if (found) return found
  throw new Refusal('INVALID', 'no-such-line', 'No line that the Nix daemon goes by is as it was then.')
}
