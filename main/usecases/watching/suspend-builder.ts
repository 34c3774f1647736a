import type { Failure } from '../../../contract/failure'
import { pauseLeftMs } from '../../../core/health/pause'
import type { Ports } from '../../ports/ports'
import type { SwitchNote } from '../../ports/records'
import { isSameNote } from '../steps/same-note'
import { setBuilderEnabled } from '../steps/user-substituters'
import { batchSwitching } from './batch-switching'

type Needs = Pick<Ports, 'helper' | 'records' | 'userConf' | 'clock'>

/** A clock may jump, and a computer sleep: no pause is trusted to a timer for longer. */
const longestSleepMs = 15_000

/** Takes a builder that has failed out of Nix's way, unless the person has decided about it. No password. */
export async function suspendBuilder(ports: Needs, id: string, failure: Failure): Promise<void> {
  const since = ports.clock.now().toISOString()
  const note: SwitchNote = { id, kind: 'suspended', since, failure }
  // A suspension that was cut short between its note and its switch is gone on with.
  const isNew = await ports.records.addSwitchNote(note)
  if (!isNew && (await ports.records.switchNote(id))?.kind !== 'suspended') return
  try {
    if (await isOn(ports, id)) await setBuilderEnabled(ports, id, false)
    else if (isNew) await deleteNote(ports, note)
  } catch (error) {
    // Where only the answer was lost it is off: without its note nothing would reinstate it.
    if (isNew && (await isOn(ports, id).catch(() => true))) await deleteNote(ports, note)
    throw error
  }
}

async function isOn({ helper }: Needs, id: string): Promise<boolean> {
  return (await helper.status()).builders.some((builder) => builder.id === id && builder.enabled)
}

/**
 * Switches a builder on again whose suspension or pause is over. The person may decide otherwise in the same
 * moment, here or in a terminal: then that holds.
 */
export async function reinstate(ports: Needs, note: SwitchNote): Promise<void> {
  const { id } = note
  await setBuilderEnabled(ports, id, true)
  if ((await deleteNote(ports, note))?.kind === 'paused') await setBuilderEnabled(ports, id, false)
}

/**
 * For when nobody watches any more: what is suspended is reinstated, since nobody would do so later. A dead one
 * then costs no more than the ConnectTimeout of its stanza. Only where root takes no password.
 */
export async function reinstateAll(ports: Needs): Promise<void> {
  const { way } = await ports.helper.inspect()
  if (way !== 'pkexec' && way !== 'root') return
  // Notes that cannot be read leave the switches as they are.
  const notes = await ports.records.switchNotes().catch(() => [])
  const together = { ...ports, helper: batchSwitching(ports.helper) }
  const suspended = notes.filter(({ kind }) => kind === 'suspended')
  // One that cannot be switched now keeps its note, which the next start reads.
  await Promise.all(suspended.map((note) => reinstate(together, note).catch(() => undefined)))
}

/** Ends the pauses that are due. Returns when to call again, in ms, while there are others. */
export async function endDuePauses(ports: Needs): Promise<number | undefined> {
  const { way } = await ports.helper.inspect()
  let again: number | undefined
  // Read again with the next round.
  for (const note of await ports.records.switchNotes().catch(() => [])) {
    if (note.kind !== 'paused' || !note.pause) continue
    again = longestSleepMs
    const nowMs = ports.clock.now().getTime()
    const leftMs = pauseLeftMs(note.pause, nowMs)
    if (leftMs > 0) {
      again = Math.min(again, leftMs)
      const until = new Date(nowMs + leftMs).toISOString()
      const moved = { ...note, pause: { ...note.pause, until } }
      if (until !== note.pause.until)
        await ports.records
          .updateSwitchNote(note.id, (now) => (isSameNote(now, note) ? moved : now))
          // Without the new time the old one holds, no longer than asked for.
          .catch(() => undefined)
    } else if (way === 'pkexec' || way === 'root')
      // Tried again with the next round.
      await endPause(ports, note).catch(() => undefined)
  }
  return again
}

async function endPause(ports: Needs, note: SwitchNote): Promise<void> {
  const builder = (await ports.helper.status()).builders.find(({ id }) => id === note.id)
  if (builder && !builder.enabled && !builder.quarantined) await reinstate(ports, note)
  else await deleteNote(ports, note)
}

/** Deletes a note, unless it is another by now; returns that one. */
export function deleteNote(ports: Pick<Ports, 'records'>, note: SwitchNote): Promise<SwitchNote | undefined> {
  return ports.records.updateSwitchNote(note.id, (now) => (isSameNote(now, note) ? undefined : now))
}
