import type { JobView } from '../contract/job'
import type { BuilderView } from '../contract/snapshot'
import { failureWords } from '../core/failure-words'
import { stateWord } from '../core/format'
import { jobTitle } from '../core/step-words'
import type { DotState } from './parts/state-dot'

export interface ShownBuilder {
  readonly dot: DotState
  /** One word, beginning a line. */
  readonly word: string
  /** Why, where there is a reason to give. */
  readonly why?: string
}

/** Whether a job still has something to do. */
export const isActive = ({ state }: JobView): boolean =>
  state === 'running' || state === 'asking' || state === 'undoing'

/** What stands beside a builder's dot: what is being done with it now, else its state and why. */
export function shownBuilder(builder: BuilderView, job: JobView | undefined): ShownBuilder {
  if (job && isActive(job)) return { dot: 'busy', word: jobTitle(job.kind, '').trim() }
  const word = capital(stateWord(builder.state))
  if (!builder.failure) return { dot: builder.state, word }
  return { dot: builder.state, word, why: failureWords(builder.failure).title }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
