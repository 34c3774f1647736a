import type { Failure, FailureCode } from '../../contract/failure'
import type { HealthState, HealthView, Sample } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'

const refused: readonly FailureCode[] = ['HOST_KEY_CHANGED', 'LOGIN_REFUSED', 'REMOTE_SCRIPTS_OUTDATED']
const asking: readonly FailureCode[] = ['NOT_WATCHED']

/** How a builder does that has answered. */
export function healthOfSample(
  _builder: BuilderView,
  sample: Sample,
  before: HealthView | undefined,
  now: Date,
): HealthView {
  const state = (sample.builds ?? 0) > 0 ? 'building' : 'ready'
  return { state, since: sinceOf(state, before, now), sample, trend: [] }
}

/** How a builder does that could not be looked at. */
export function healthOfFailure(failure: Failure, before: HealthView | undefined, now: Date): HealthView {
  const state = refused.includes(failure.code)
    ? 'refused'
    : asking.includes(failure.code)
      ? 'needs-you'
      : 'unreachable'
  const { sample } = before ?? {}
  return { state, since: sinceOf(state, before, now), failure, ...(sample ? { sample } : {}), trend: [] }
}

function sinceOf(state: HealthState, before: HealthView | undefined, now: Date): string {
  return before?.state === state ? before.since : now.toISOString()
}
