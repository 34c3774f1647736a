import type { Failure } from '../../../contract/failure'
import type { BuilderView } from '../../../contract/snapshot'
import {
  type Circumstances,
  type Decision,
  decideSuspension,
  defaultSettings,
  notSuspended,
  type Suspension,
  slowSettings,
} from '../../../core/health/suspension'
import type { SwitchNote } from '../../ports/records'
import type { HandshakeScheduler } from './handshake-scheduler'
import type { ProbeOutcome } from './probe-connection'
import { deleteNote, reinstate, suspendBuilder } from './suspend-builder'
import type { WatchPorts, WatchRules } from './watch-context'

/** Decides from the probes at one builder: suspends it, reinstates it after a real handshake, waits. */
export function createSuspensionPolicy(
  ports: WatchPorts,
  rules: WatchRules,
  { id, suspendedSince }: Pick<BuilderView, 'id' | 'suspendedSince'>,
  scheduler: Pick<HandshakeScheduler, 'now'>,
  signal: AbortSignal,
): (seen: ProbeOutcome) => Promise<number> {
  let suspension: Suspension = suspendedSince
    ? { ...notSuspended, lossesMs: [Date.parse(suspendedSince)] }
    : notSuspended

  /** False when it could not be done. */
  const act = async ({ act: what }: Decision, failure: Failure | undefined, note?: SwitchNote) => {
    if (what === 'wait' || rules.isBusy(id) || signal.aborted) return true
    try {
      if (what === 'suspend' && failure) await suspendBuilder(ports, id, failure)
      if (what === 'resume' && note?.kind === 'suspended') await reinstate(ports, note)
      await rules.refresh()
      return true
    } catch {
      // Nothing was decided: the next probe decides again.
      return false
    }
  }

  /** Does what is to be done about a probe. Returns when to look again, in ms. */
  return async (seen) => {
    const view = rules.builder(id)
    const isOn = view?.enabled ?? false
    // Most looks are answered by a builder that is on: those read no file.
    const isUsual = seen.observation.outcome === 'answered' && isOn && !view?.failure
    // A note that cannot be read is none, and root’s files hold.
    const note = isUsual ? undefined : await ports.records.switchNote(id).catch(() => undefined)
    const circumstances = circumstancesOf(isOn, note, rules.maySuspend())
    const isSlow = seen.isCostly && !seen.isBeside
    const settings = isSlow ? slowSettings : { ...defaultSettings, probeIntervalMs: rules.probeIntervalMs() }
    const nowMs = ports.clock.now().getTime()
    if (signal.aborted) return 0
    let decision = decideSuspension(suspension, circumstances, seen.observation, nowMs, settings)
    if (seen.observation.outcome === 'answered' && note && circumstances.wish === 'insisted')
      // A note that stays is read again with the next probe.
      await deleteNote(ports, note).then(rules.refresh, () => undefined)
    if (decision.act === 'resume' && !seen.isCostly) {
      const { observation } = await scheduler.now()
      if (observation.outcome !== 'answered')
        decision = decideSuspension(suspension, circumstances, observation, nowMs, settings)
    }
    const isDone = await act(decision, seen.failure, note)
    suspension = isDone ? decision.suspension : suspension
    return isDone ? decision.nextProbeMs : slowSettings.longestRetryMs
  }
}

function circumstancesOf(isOn: boolean, note: SwitchNote | undefined, maySuspend: boolean): Circumstances {
  if (!isOn) return { isOn, wish: note?.kind === 'suspended' ? 'none' : 'paused' }
  if (note?.kind === 'insisted' || note?.kind === 'suspended') return { isOn, wish: 'insisted' }
  return { isOn, wish: maySuspend ? 'none' : 'kept' }
}
