import type { Failure, FailureCode } from '../../contract/failure'
import type { BuilderView } from '../../contract/snapshot'
import {
  type Circumstances,
  decide,
  type Observation,
  type Suspension,
  slowSettings,
  unsuspended,
  usualSettings,
} from '../../core/suspension'
import { toFailure } from '../failures'
import type { Monitored } from '../ports/monitor'
import type { SwitchNote } from '../ports/records'
import { watchingKey } from './own-keys'
import { switchNote } from './set-enabled'
import { dropNote, letBack, suspendBuilder } from './suspend-builder'
import type { WatchHooks, WatchNeeds } from './watch-builders'

/** What a failed connection proves of a builder; anything else, such as a refused key, is for the handshake to judge. */
const conclusive: readonly FailureCode[] = [
  'NAME_NOT_FOUND',
  'UNREACHABLE',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'TIMED_OUT',
]
/** How root's own handshake fails when it is the builder's doing. */
const builderFails: readonly FailureCode[] = [
  ...conclusive,
  'HOST_KEY_CHANGED',
  'LOGIN_REFUSED',
  'PING_FAILED',
  'PROTOCOL_MISMATCH',
]

interface Look {
  readonly observation: Observation
  readonly failure?: Failure
  /** It took a login of root's. */
  readonly isCostly?: boolean
}

/** Looks at one builder until aborted, suspends it when it is gone and lets it back after a real handshake. */
export async function watchBuilder(
  ports: WatchNeeds,
  hooks: WatchHooks,
  builder: BuilderView,
  signal: AbortSignal,
): Promise<void> {
  const { id } = builder
  let held: Monitored | undefined
  let suspension: Suspension = builder.suspendedSince
    ? { ...unsuspended, lossesMs: [Date.parse(builder.suspendedSince)] }
    : unsuspended
  const letGo = () => {
    held?.close()
    held = undefined
  }

  const ping = async (): Promise<Look> => {
    try {
      await ports.helper.call({ op: 'ping', id }, { signal })
      return { observation: { outcome: 'answered' }, isCostly: true }
    } catch (error) {
      return failed(toFailure(error), builderFails, true)
    }
  }
  const look = async (lost: Failure | undefined): Promise<Look> => {
    if (lost) return failed(lost, conclusive)
    const key = builder.jump ? undefined : await watchingKey(ports).catch(() => undefined)
    if (!key) return await ping()
    try {
      held ??= await ports.monitor.connect(builder, key, signal)
      await held.probe()
      return { observation: { outcome: 'answered' } }
    } catch (error) {
      letGo()
      const failure = toFailure(error)
      return conclusive.includes(failure.code) ? failed(failure, conclusive) : await ping()
    }
  }

  let lost: Failure | undefined
  try {
    while (!signal.aborted) {
      const seen = await look(lost)
      if (lost) letGo()
      const note = await switchNote(ports, id).catch(() => undefined)
      const circumstances = circumstancesOf(hooks, id, note)
      const settings = seen.isCostly ? slowSettings : usualSettings
      const nowMs = ports.clock.now().getTime()
      if (signal.aborted) return
      let decision = decide(suspension, circumstances, seen.observation, nowMs, settings)
      if (seen.observation.outcome === 'answered' && circumstances.wish === 'insisted' && note)
        await dropNote(ports, note).then(hooks.look, () => undefined)
      if (decision.act === 'resume' && !seen.isCostly) {
        const { observation } = await ping()
        if (observation.outcome !== 'answered')
          decision = decide(suspension, circumstances, observation, nowMs, settings)
      }
      const isDone = await act(decision.act, seen.failure, note)
      suspension = isDone ? decision.suspension : suspension
      const nextMs = isDone ? decision.nextLookMs : slowSettings.longestRetryMs
      lost = await endOrTime(held, nextMs)
    }
  } finally {
    letGo()
  }

  /** Does what was decided. False when it could not be done. */
  async function act(what: 'suspend' | 'resume' | 'wait', failure: Failure | undefined, note?: SwitchNote) {
    if (what === 'wait' || hooks.isBusy(id) || signal.aborted) return true
    try {
      if (what === 'suspend' && failure) await suspendBuilder(ports, id, failure)
      if (what === 'resume' && note?.kind === 'suspended') await letBack(ports, note)
      await hooks.look()
      return true
    } catch {
      return false
    }
  }

  /** Waits, but not longer than the connection holds; answers how it ended. */
  async function endOrTime(connection: Monitored | undefined, ms: number): Promise<Failure | undefined> {
    const waiting = new AbortController()
    const time = ports.waitAbout(ms, AbortSignal.any([signal, waiting.signal])).then(() => undefined)
    const ended = await Promise.race(connection ? [time, connection.ended] : [time])
    waiting.abort()
    return signal.aborted ? undefined : ended
  }
}

function circumstancesOf(hooks: WatchHooks, id: string, note: SwitchNote | undefined): Circumstances {
  const isOn = hooks.builders().some((builder) => builder.id === id && builder.enabled)
  if (isOn)
    return { isOn, wish: note?.kind === 'insisted' || note?.kind === 'suspended' ? 'insisted' : 'none' }
  return { isOn, wish: note?.kind === 'suspended' ? 'none' : 'paused' }
}

function failed(failure: Failure, telling: readonly FailureCode[], isCostly = false): Look {
  const tells = telling.includes(failure.code)
  return {
    observation: tells ? { outcome: 'failed', code: failure.code } : { outcome: 'unknown' },
    failure,
    isCostly,
  }
}
