import type { Failure } from '../../../contract/failure'
import type { BuilderView } from '../../../contract/snapshot'
import {
  type Circumstances,
  type Decision,
  decide,
  type Suspension,
  slowSettings,
  unsuspended,
  usualSettings,
} from '../../../core/health/suspension'
import type { SwitchNote } from '../../ports/records'
import type { Shaking } from './due-handshakes'
import type { Look } from './look-at-builder'
import { dropNote, letBack, suspendBuilder } from './suspend-builder'
import type { WatchNeeds, WatchRules } from './watch-context'

/** Judges the looks at one builder: suspends it, lets it back after a real handshake, waits. */
export function createJudge(
  ports: WatchNeeds,
  rules: WatchRules,
  { id, suspendedSince }: Pick<BuilderView, 'id' | 'suspendedSince'>,
  shaking: Pick<Shaking, 'now'>,
  signal: AbortSignal,
): (seen: Look) => Promise<number> {
  let suspension: Suspension = suspendedSince
    ? { ...unsuspended, lossesMs: [Date.parse(suspendedSince)] }
    : unsuspended

  /** False when it could not be done. */
  const act = async ({ act: what }: Decision, failure: Failure | undefined, note?: SwitchNote) => {
    if (what === 'wait' || rules.isBusy(id) || signal.aborted) return true
    try {
      if (what === 'suspend' && failure) await suspendBuilder(ports, id, failure)
      if (what === 'resume' && note?.kind === 'suspended') await letBack(ports, note)
      await rules.look()
      return true
    } catch {
      return false
    }
  }

  /** Does what is to be done about a look. Answers when to look again, in ms. */
  return async (seen) => {
    const view = rules.builder(id)
    const isOn = view?.enabled ?? false
    // Most looks are answered by a builder that is on: those read no file.
    const isUsual = seen.observation.outcome === 'answered' && isOn && !view?.failure
    const note = isUsual ? undefined : await ports.records.switchNote(id).catch(() => undefined)
    const circumstances = circumstancesOf(isOn, note, rules.maySuspend())
    const isSlow = seen.isCostly && !seen.isBeside
    const settings = isSlow ? slowSettings : { ...usualSettings, lookMs: rules.lookMs() }
    const nowMs = ports.clock.now().getTime()
    if (signal.aborted) return 0
    let decision = decide(suspension, circumstances, seen.observation, nowMs, settings)
    if (seen.observation.outcome === 'answered' && note && circumstances.wish === 'insisted')
      await dropNote(ports, note).then(rules.look, () => undefined)
    if (decision.act === 'resume' && !seen.isCostly) {
      const { observation } = await shaking.now()
      if (observation.outcome !== 'answered')
        decision = decide(suspension, circumstances, observation, nowMs, settings)
    }
    const isDone = await act(decision, seen.failure, note)
    suspension = isDone ? decision.suspension : suspension
    return isDone ? decision.nextLookMs : slowSettings.longestRetryMs
  }
}

function circumstancesOf(isOn: boolean, note: SwitchNote | undefined, maySuspend: boolean): Circumstances {
  if (!isOn) return { isOn, wish: note?.kind === 'suspended' ? 'none' : 'paused' }
  if (note?.kind === 'insisted' || note?.kind === 'suspended') return { isOn, wish: 'insisted' }
  return { isOn, wish: maySuspend ? 'none' : 'kept' }
}
