import { backoffMs } from '../../../core/health/backoff'
import { cancellableSleep } from '../steps/cancellable-sleep'
import type { ProbeOutcome } from './probe-connection'
import type { HealthTracker } from './track-health'
import type { WatchPorts, WatchRules } from './watch-context'

/** How long a handshake that passed is good for while nothing changes. */
const routineMs = 30 * 60_000

/** Root's handshakes with one builder: the ones that something calls for, and the slow round. */
export interface HandshakeScheduler {
  /** At once, and returns its outcome: unknown without a policy, and where root would ask for a password. */
  now(): Promise<ProbeOutcome>
  /** After a probe: begins one beside the probes if one is due, and reports when it has failed. */
  consider(seen: ProbeOutcome, onFailed: (outcome: ProbeOutcome) => void): void
  leave(): void
}

export function createHandshakeScheduler(
  ports: Pick<WatchPorts, 'jitteredSleep'>,
  rules: WatchRules,
  id: string,
  tracker: HealthTracker,
  signal: AbortSignal,
): HandshakeScheduler {
  const { policy } = rules
  let isUnderWay = false
  let failures = 0
  /** Of the change for which one was last tried; another one is tried at once. */
  let tried: number | undefined
  let mayRetry = true
  let isRoutineDue = false
  let planned: ReturnType<typeof cancellableSleep> | undefined

  const handshake = async (why: 'awaited' | 'due'): Promise<ProbeOutcome> => {
    if (!policy?.maySwitch()) return { observation: { outcome: 'unknown' }, isCostly: true }
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
    planned?.cancel()
    const plan = cancellableSleep(ports, hasPassed ? routineMs : backoffMs('handshake', failures), signal)
    planned = plan
    void plan.done.then(() => {
      if (planned !== plan) return
      mayRetry = true
      isRoutineDue = hasPassed
    })
  }
  const isAllowed = ({ observation, isCostly }: ProbeOutcome): boolean => {
    const isOn = rules.builder(id)?.enabled ?? false
    if (!policy?.maySwitch() || policy.isBusy(id)) return false
    return isOn && observation.outcome === 'answered' && !isCostly
  }
  const isNeeded = (): boolean => {
    const { isDue, revision } = tracker.now().handshake
    if (isDue) return mayRetry || revision !== tried
    return isRoutineDue && rules.handshakes.isTurnOf(id)
  }
  return {
    now: () => handshake('awaited'),
    consider: (seen, onFailed) => {
      // Whoever cannot use a turn must not hold up the others.
      if (!isAllowed(seen)) return rules.handshakes.leave(id)
      if (isUnderWay || !isNeeded()) return
      isUnderWay = true
      void handshake('due').then((outcome) => {
        isUnderWay = false
        if (outcome.observation.outcome === 'failed') onFailed({ ...outcome, isBeside: true })
      })
    },
    leave: () => rules.handshakes.leave(id),
  }
}
