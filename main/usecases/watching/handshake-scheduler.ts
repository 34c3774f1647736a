import { cancellableSleep } from '../steps/cancellable-sleep'
import type { ProbeOutcome } from './probe-connection'
import type { HealthTracker } from './track-health'
import type { WatchPorts, WatchRules } from './watch-context'

/** How long a handshake that passed is good for while nothing changes. */
const routineMs = 30 * 60_000
const firstRetryMs = 10_000
const longestRetryMs = 300_000

/** Root's handshakes with one builder: the ones that something calls for, and the slow round. */
export interface HandshakeScheduler {
  /** At once, and returns what it said. Where root would ask for a password it says nothing. */
  now(): Promise<ProbeOutcome>
  /** After a probe: begins one beside the probes if one is due, and tells when it has failed. */
  consider(seen: ProbeOutcome, onFailed: (look: ProbeOutcome) => void): void
  leave(): void
}

export function createHandshakeScheduler(
  ports: Pick<WatchPorts, 'jitteredSleep'>,
  rules: WatchRules,
  id: string,
  tracker: HealthTracker,
  signal: AbortSignal,
): HandshakeScheduler {
  let isShaking = false
  let failures = 0
  /** Of the change for which one was last tried; another one is tried at once. */
  let tried: number | undefined
  let mayRetry = true
  let isRoutineDue = false
  let planned: ReturnType<typeof cancellableSleep> | undefined

  const handshake = async (why: 'awaited' | 'due'): Promise<ProbeOutcome> => {
    if (!rules.maySwitch()) return { observation: { outcome: 'unknown' }, isCostly: true }
    const { revision } = tracker.now().handshake
    const seen = await rules.handshakes.request(id, signal, why)
    const { outcome } = seen.observation
    // It was not made: it stays due.
    if (outcome === 'unknown' && !seen.failure) return seen
    if (!signal.aborted && outcome !== 'unknown') {
      const { facts } = tracker.now()
      const failure = seen.failure && { ...seen.failure, facts: { ...facts, ...seen.failure.facts } }
      tracker.report({ kind: 'handshake', revision, ...(failure ? { failure } : {}) })
    }
    planNext(revision, outcome === 'answered')
    return seen
  }
  const planNext = (revision: number, hasPassed: boolean) => {
    tried = revision
    failures = hasPassed ? 0 : failures + 1
    mayRetry = false
    isRoutineDue = false
    const retryMs = Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs)
    planned?.cancel()
    const plan = cancellableSleep(ports, hasPassed ? routineMs : retryMs, signal)
    planned = plan
    void plan.done.then(() => {
      if (planned !== plan) return
      mayRetry = true
      isRoutineDue = hasPassed
    })
  }
  const mayShake = ({ observation, isCostly }: ProbeOutcome): boolean => {
    const isOn = rules.builder(id)?.enabled ?? false
    return isOn && observation.outcome === 'answered' && !isCostly && rules.maySwitch() && !rules.isBusy(id)
  }
  const isToBeShaken = (): boolean => {
    const { isDue, revision } = tracker.now().handshake
    if (isDue) return mayRetry || revision !== tried
    return isRoutineDue && rules.handshakes.isTurnOf(id)
  }
  return {
    now: () => handshake('awaited'),
    consider: (seen, onFailed) => {
      // Whoever cannot use a turn must not hold up the others.
      if (!mayShake(seen)) return rules.handshakes.leave(id)
      if (isShaking || !isToBeShaken()) return
      isShaking = true
      void handshake('due').then((look) => {
        isShaking = false
        if (look.observation.outcome === 'failed') onFailed({ ...look, isBeside: true })
      })
    },
    leave: () => rules.handshakes.leave(id),
  }
}
