import type { HealthView } from '../../contract/health'
import { isAnswering, wasProbed } from './probed'

/** The word for a builder, since when it holds, and why: what one program tells another of it. */
export type ToldHealth = Pick<HealthView, 'state' | 'since' | 'failure'>

/** What a person would see told: a word that holds since another moment is the same word. */
export function toldOf({ state, since, failure }: HealthView): ToldHealth {
  return { state, since, ...(failure ? { failure } : {}) }
}

/** Both are a builder that works; which of them it is, slots say that any program of this computer counts now. */
const isAtWork = ({ state }: ToldHealth) => state === 'ready' || state === 'building'

/**
 * What a short look has seen, in the word of who has watched for long: that a builder is slow, that its disk stays low,
 * or that root's handshake failed takes more than a look. Only whether it answers the look itself knows better; then it
 * says what else is said.
 */
export function withTold(own: HealthView | undefined, told: ToldHealth | undefined): HealthView | undefined {
  if (!told || (own && isAtWork(own) && isAtWork(told))) return own
  if (!own) return { ...told, trend: [] }
  const isSameAnswer = isAnswering({ health: own }) === isAnswering({ health: { ...told, trend: [] } })
  if (wasProbed({ health: own }) && !isSameAnswer) return { ...own, toldState: told.state }
  const { failure: _, ...seen } = own
  return { ...seen, ...told }
}
