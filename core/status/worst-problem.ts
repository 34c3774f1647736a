import type { BuilderView } from '../../contract/snapshot'
import { formatAbout, stateWord } from '../text/format'
import { asking, lost } from './summary'

type Troubled = Pick<BuilderView, 'id' | 'state' | 'suspendedSince' | 'health'>

/** The worst that is wrong in one line, or nothing: `otto: unreachable for 12 min, and 2 more`. */
export function worstProblemLine(builders: readonly Troubled[], nowMs: number): string | undefined {
  const wrong = [...withState(builders, asking), ...withState(builders, lost)]
  const [worst] = wrong
  if (!worst) return undefined
  const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : ''
  return `${worst.id}: ${stateWord(worst.state)}${lasting(worst, nowMs)}${more}`
}

const withState = (builders: readonly Troubled[], states: typeof lost) =>
  builders.filter(({ state }) => states.includes(state))

/** Nothing under a minute: the line would change with every second. */
function lasting({ state, suspendedSince, health }: Troubled, nowMs: number): string {
  const since = state === 'suspended' ? suspendedSince : health?.state === state ? health.since : undefined
  const ms = since === undefined ? 0 : nowMs - Date.parse(since)
  return ms < 60_000 ? '' : ` for ${formatAbout(ms)}`
}
