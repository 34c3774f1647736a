import * as v from 'valibot'
import { RegisteredBuilder } from '../../contract/builder'
import { rootVersions } from '../../contract/version'
import { type DocumentFormat, readDocument } from '../../core/versions/document'
import { Refusal } from '../protocol/refusal'

export const maxBuilders = 2000

const fields = {
  version: v.optional(v.literal(rootVersions.state), rootVersions.state),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** ISO 8601 */
  at: v.string(),
  operation: v.string(),
  remoteOnly: v.optional(v.boolean(), false),
  /** The system's own value of `builders`, which ours must not take away. */
  existingBuilders: v.optional(v.string(), ''),
}
const builders = <T extends v.GenericSchema>(builder: T) => v.pipe(v.array(builder), v.maxLength(maxBuilders))
/** What is known of what one generation says. */
export const StateFields = v.object({ ...fields, builders: builders(RegisteredBuilder) })
// What another helper of this version says besides goes from one generation to the next, of each builder too.
const Kept = v.looseObject({ ...fields, builders: builders(v.looseObject(RegisteredBuilder.entries)) })

/** What one generation says; its other files are this, written out for Nix and ssh. */
export type State = v.InferOutput<typeof StateFields>

/** A state as it was written; `newer`: by a later helper, undefined: by nobody who knew how. */
export function parseState(text: string): State | 'newer' | undefined {
  const reading = readDocument(stateFormat, text)
  if (reading.is === 'read') return reading.value
  return reading.is === 'unfit' && reading.isNewer ? 'newer' : undefined
}

const stateFormat: DocumentFormat<State> = {
  version: rootVersions.state,
  migrations: [],
  read: (document) => {
    const parsed = v.safeParse(Kept, document)
    return parsed.success ? parsed.output : undefined
  },
}

/** The part that an operation decides; number, time and name are added when it is written. */
export type DesiredState = Pick<State, 'remoteOnly' | 'existingBuilders' | 'builders'>

export const emptyState: DesiredState = { remoteOnly: false, existingBuilders: '', builders: [] }

export function desiredStateOf(state: DesiredState & Partial<State>): DesiredState {
  const { version: _, generation: __, at: ___, operation: ____, ...desired } = state
  return desired
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

/** Says by which key root logs in to a builder, and which is to take its place. Fails with INVALID, no-such-builder. */
export function changeNewKey(
  wanted: DesiredState,
  id: string,
  buildKey: string,
  nextBuildKey: string | undefined,
): DesiredState {
  const { nextBuildKey: _, ...rest } = builderOf(wanted, id)
  return replaceBuilder(wanted, { ...rest, buildKey, ...(nextBuildKey ? { nextBuildKey } : {}) })
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
