import type { RunningBuild } from '../../../contract/builds'
import { formatElapsed } from '../../../core/text/format'
import { useSeconds } from '../../state/use-now'
import { activityWords, leftWords } from './build-words'

/** `phase build · about 5 min left`, kept up to date by itself. */
export function BuildDoing({ build }: { build: RunningBuild }) {
  const elapsedMs = useSeconds() - Date.parse(build.startedAt)
  const left = leftWords(build, elapsedMs)
  return (
    <>
      {activityWords(build)}
      {left && ` · ${left}`}
    </>
  )
}

/** How long it has been running; only what is in sight ticks. */
export function Elapsed({ since }: { since: string }) {
  return <time dateTime={since}>{formatElapsed(useSeconds() - Date.parse(since))}</time>
}
