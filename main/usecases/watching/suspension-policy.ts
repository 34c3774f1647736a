import type { Failure } from '../../../contract/failure'
import type { BuilderView } from '../../../contract/snapshot'
import { longestBackoffMs } from '../../../core/health/backoff'
import {
  type Circumstances,
  type Decision,
  decideSuspension,
  notSuspended,
  rootPace,
  type Suspension,
  usualPace,
} from '../../../core/health/suspension'
import type { SwitchNote } from '../../ports/records'
import type { HandshakeScheduler } from './handshake-scheduler'
import type { ProbeOutcome } from './probe-connection'
import { deleteNote, reinstate, suspendBuilder } from './suspend-builder'
import type { WatchPolicy, WatchPorts, WatchRules } from './watch-context'

interface Found extends Circumstances {
  readonly note?: SwitchNote
}

/** With these it only waits, whatever the probe has shown. */
const withoutPolicy: Found = { isOn: true, override: 'never-suspend' }

/**
 * Decides from the probes of one builder: suspends it, reinstates it after a real handshake, waits; without a policy
 * it only waits. Returns when to probe next, in ms.
 */
export function createSuspensionPolicy(
  ports: WatchPorts,
  rules: WatchRules,
  { id, suspendedSince }: Pick<BuilderView, 'id' | 'suspendedSince'>,
  scheduler: Pick<HandshakeScheduler, 'now'>,
  signal: AbortSignal,
): (seen: ProbeOutcome) => Promise<number> {
  const { policy } = rules
  let suspension: Suspension = suspendedSince
    ? { ...notSuspended, lossesMs: [Date.parse(suspendedSince)] }
    : notSuspended

  const decide = (circumstances: Circumstances, { observation, isCostly, isBeside }: ProbeOutcome) => {
    const usual = { ...usualPace, intervalMs: rules.probeIntervalMs() }
    const pace = isCostly && !isBeside ? rootPace : usual
    const nowMs = ports.clock.now().getTime()
    return decideSuspension(suspension, circumstances, observation, nowMs, pace)
  }

  /** False when it could not be done. */
  const act = async ({ act: what }: Decision, failure: Failure | undefined, note?: SwitchNote) => {
    if (what === 'wait' || !policy || policy.isBusy(id) || signal.aborted) return true
    try {
      if (what === 'suspend' && failure) await suspendBuilder(ports, id, failure)
      if (what === 'reinstate' && note?.kind === 'suspended') await reinstate(ports, note)
      await policy.refresh()
      return true
    } catch {
      // Root could not be reached: the builder stays as it is, and the next probe decides anew.
      return false
    }
  }

  return async (seen) => {
    const { note, ...circumstances } = policy ? await read(policy, seen) : withoutPolicy
    if (signal.aborted) return 0
    let decision = decide(circumstances, seen)
    if (policy && note && seen.observation.outcome === 'answered' && circumstances.override === 'resumed')
      // A note that stays is read again with the next probe.
      await deleteNote(ports, note).then(policy.refresh, () => undefined)
    if (decision.act === 'reinstate' && !seen.isCostly) {
      const { observation } = await scheduler.now()
      if (observation.outcome !== 'answered') decision = decide(circumstances, { ...seen, observation })
    }
    const isDone = await act(decision, seen.failure, note)
    suspension = isDone ? decision.suspension : suspension
    return isDone ? decision.nextProbeMs : longestBackoffMs(rootPace.backoff)
  }

  async function read({ suspends, maySwitch }: WatchPolicy, { observation }: ProbeOutcome): Promise<Found> {
    const view = rules.builder(id)
    const isOn = view?.enabled ?? false
    // Most probes are answered by a builder that is on: those read no file.
    const isUsual = observation.outcome === 'answered' && isOn && !view?.failure
    // A note that cannot be read is none, and root’s files hold.
    const note = isUsual ? undefined : await ports.records.switchNote(id).catch(() => undefined)
    return { isOn, override: overrideOf(isOn, note, suspends() && maySwitch()), ...(note ? { note } : {}) }
  }
}

function overrideOf(
  isOn: boolean,
  note: SwitchNote | undefined,
  maySuspend: boolean,
): Circumstances['override'] {
  if (!isOn) return note?.kind === 'suspended' ? 'none' : 'paused'
  if (note?.kind === 'insisted' || note?.kind === 'suspended') return 'resumed'
  return maySuspend ? 'none' : 'never-suspend'
}
