import * as v from 'valibot'
import { RegisteredBuilder } from '../../contract/builder'
import { Refusal } from '../protocol/refusal'

export const maxBuilders = 2000

/** What one generation says; its other files are this, written out for Nix and ssh. */
export const State = v.strictObject({
  version: v.literal(1),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** ISO 8601 */
  at: v.string(),
  operation: v.string(),
  remoteOnly: v.boolean(),
  /** The system's own value of `builders`, which ours must not take away. */
  existingBuilders: v.string(),
  builders: v.pipe(v.array(RegisteredBuilder), v.maxLength(maxBuilders)),
})
export type State = v.InferOutput<typeof State>

/** The part that an operation decides; number, time and name are added when it is written. */
export type DesiredState = Pick<State, 'remoteOnly' | 'existingBuilders' | 'builders'>

export const emptyState: DesiredState = { remoteOnly: false, existingBuilders: '', builders: [] }

export function desiredStateOf({ remoteOnly, existingBuilders, builders }: DesiredState): DesiredState {
  return { remoteOnly, existingBuilders, builders }
}

/** Fails with INVALID, no-such-builder. */
export function builderOf({ builders }: Pick<DesiredState, 'builders'>, id: string): RegisteredBuilder {
  const builder = builders.find((one) => one.id === id)
  if (!builder) throw new Refusal('INVALID', 'no-such-builder', `There is no builder ${id}.`)
  return builder
}

/** The same state with one builder changed. Fails with INVALID, no-such-builder. */
export function changeBuilder(
  wanted: DesiredState,
  id: string,
  change: Partial<RegisteredBuilder>,
): DesiredState {
  const changed = { ...builderOf(wanted, id), ...change }
  return replaceBuilder(wanted, changed)
}

/** Offers a builder as substituter, or no longer does. Fails with INVALID, no-such-builder. */
export function changeSubstituter(
  wanted: DesiredState,
  id: string,
  offer: RegisteredBuilder['substituter'],
): DesiredState {
  const { substituter: _, ...rest } = builderOf(wanted, id)
  return replaceBuilder(wanted, offer ? { ...rest, substituter: offer } : rest)
}

/** Says how a builder's connection is used; undefined: a login for each build. Fails with INVALID, no-such-builder. */
export function changeSharing(
  wanted: DesiredState,
  id: string,
  sharing: RegisteredBuilder['sharing'],
): DesiredState {
  const builder = withoutSharing(builderOf(wanted, id))
  return replaceBuilder(wanted, sharing ? { ...builder, sharing } : builder)
}

/** A shared connection was proven as it was then: to another address, or to whoever is in quarantine, it is not. */
export function dropUnprovenSharing(current: DesiredState, wanted: DesiredState): DesiredState {
  const wayTo = ({ host, port, user, protocol, hostKeys, jump }: RegisteredBuilder) =>
    JSON.stringify([host, port, user, protocol, hostKeys, jump])
  const builders = wanted.builders.map((builder) => {
    const known = current.builders.find(({ id }) => id === builder.id)
    const isKept = known && wayTo(known) === wayTo(builder) && !builder.quarantined
    return isKept ? builder : withoutSharing(builder)
  })
  return { ...wanted, builders }
}

function withoutSharing({ sharing: _, ...builder }: RegisteredBuilder): RegisteredBuilder {
  return builder
}

function replaceBuilder(wanted: DesiredState, changed: RegisteredBuilder): DesiredState {
  return { ...wanted, builders: wanted.builders.map((one) => (one.id === changed.id ? changed : one)) }
}
