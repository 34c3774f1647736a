import type { RegisteredBuilder } from '../../contract/builder'
import { failureWords } from '../../core/failures/words'
import { pauseFor } from '../../core/health/pause'
import { canPutBack, inTheWayFailure } from '../../core/nix/not-used'
import { slotName } from '../../core/nix/slots'
import { stillOfferedWords } from '../../core/status/builder-words'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import type { SwitchNote } from '../ports/records'
import { findOffers, putLinesBack, readNixUse, requireUsed } from './steps/nix-use'
import { isSameNote } from './steps/same-note'
import { setBuilderEnabled } from './steps/user-substituters'

type Needs = Pick<Ports, 'helper' | 'local' | 'records' | 'userConf' | 'slots' | 'clock'>

/**
 * Pause: takes a builder out of the machines file, so that Nix does not even look at it; what builds there goes on.
 * With `forMs` it ends by itself, else when the person resumes it.
 */
export async function* pauseBuilder(ports: Needs, job: Job, id: string, forMs?: number): Flow<'pause'> {
  yield 'disable'
  const builder = await requireBuilder(ports, id)
  const pause = forMs === undefined ? {} : { pause: pauseFor(forMs, ports.clock.now().getTime()) }
  // The note first: whoever sees the builder off must also see that the person wants it so.
  await switchNoting(ports, job, builder, false, { id, kind: 'paused', ...pause })
  const running = (await ports.slots.taken())?.get(slotName(builder)) ?? 0
  const finishing = running === 1 ? '1 build there finishes' : `${running} builds there finish`
  const notes = [...(running > 0 ? [finishing] : []), ...(await whatPauseLeaves(ports, job, builder))]
  if (notes.length > 0) job.note(notes.join('. '))
}

/**
 * Resume: puts it back; in force for the next build, since Nix reads the machines file for each. One that we had
 * suspended then stays on until it has answered and failed again.
 */
export async function* resumeBuilder(ports: Needs, job: Job, id: string): Flow<'resume'> {
  yield 'enable'
  const builder = await requireBuilder(ports, id)
  if (builder.quarantined) fail('QUARANTINED', { builder: id, host: builder.host })
  const note = await ports.records.switchNote(id)
  const insisted =
    note && note.kind !== 'paused' ? { id, kind: 'insisted' as const, failure: note.failure } : undefined
  await switchNoting(ports, job, builder, true, insisted)
  await putLinesBack(ports, job)
  await requireUsed(ports, { ...builder, enabled: true })
}

/** That other lines offer the machine all the same; and a line of ours that is lost, put back where that asks nobody. */
async function whatPauseLeaves(
  ports: Needs,
  job: Job,
  builder: RegisteredBuilder,
): Promise<readonly string[]> {
  const [before, { way }] = await Promise.all([readNixUse(ports), ports.helper.inspect()])
  const isMendable = way === 'root' && canPutBack(before.daemon)
  // Paused it is all the same, and the next look says what is in the way.
  if (isMendable) await putLinesBack(ports, job).catch(() => undefined)
  const use = isMendable ? await readNixUse(ports) : before
  const offers = await findOffers(ports, builder, use)
  const { inTheWay } = use.daemon ?? {}
  return [
    ...(inTheWay ? [failureWords(inTheWayFailure(inTheWay)).cause] : []),
    ...(offers.length > 0 ? [stillOfferedWords(builder.id, offers)] : []),
  ]
}

/**
 * Changes the note, then the switch; puts the old note back when root's files say that it has not moved, unless
 * somebody decided meanwhile.
 */
async function switchNoting(
  ports: Needs,
  { ask }: Job,
  { id, enabled: before }: Pick<RegisteredBuilder, 'id' | 'enabled'>,
  enabled: boolean,
  note: SwitchNote | undefined,
): Promise<void> {
  const { records } = ports
  let noteBefore: SwitchNote | undefined
  await records.updateSwitchNote(id, (known) => {
    noteBefore = known
    return note
  })
  try {
    await setBuilderEnabled(ports, id, enabled, { ask })
  } catch (error) {
    // The answer may be all that was lost.
    const now = await requireBuilder(ports, id).catch(() => undefined)
    const hasMoved = before !== enabled && now?.enabled === enabled
    if (!hasMoved)
      await records.updateSwitchNote(id, (known) => (isSameNote(known, note) ? noteBefore : known))
    throw error
  }
}

/** The builder as root's files have it, or NO_SUCH_BUILDER. */
export async function requireBuilder({ helper }: Pick<Ports, 'helper'>, id: string) {
  const { builders } = await helper.status()
  return builders.find((builder) => builder.id === id) ?? fail('NO_SUCH_BUILDER', { builder: id })
}
