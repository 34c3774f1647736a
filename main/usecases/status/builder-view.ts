import type { RegisteredBuilder } from '../../../contract/builder'
import type { Failure } from '../../../contract/failure'
import type { PublicKey } from '../../../contract/grammar'
import type { BuilderState, BuilderView } from '../../../contract/snapshot'
import { builderIs, createFailure } from '../../../core/failures/failure'
import type { BuilderRecord, SwitchNote } from '../../ports/records'

/** What Nix makes of it. */
export interface UseByNix {
  /** Why no build gets to one that is on. */
  readonly notUsed?: Failure | undefined
  /** `FILE:LINE` of each line of others that offers the same machine. */
  readonly alsoOffered?: readonly string[]
  /** The store is the person’s own: there is nobody else to use it. */
  readonly isMine?: boolean
}

/** Joins what root's files say of a builder with what the app remembers of it. */
export function builderView(
  builder: RegisteredBuilder,
  record: BuilderRecord | undefined,
  fingerprint: (key: PublicKey) => string,
  /** Whether the person wants it as substituter. */
  isMine: boolean,
  /** Why it is off, or on although it failed. */
  note?: SwitchNote,
  { notUsed, alsoOffered = [], isMine: isForMeAlone = false }: UseByNix = {},
): BuilderView {
  const isUnused = notUsed !== undefined && !builder.quarantined
  const lasting: Failure | undefined = builder.quarantined
    ? createFailure('QUARANTINED', { builder: builder.id, host: builder.host })
    : (failureOf(builder, note) ?? record?.failure)
  const failure = isUnused ? notUsed : lasting
  const { substituter, ...rest } = builder
  return {
    ...rest,
    substituter: {
      offered: substituter !== undefined,
      me: substituter !== undefined && isMine,
      everyone: substituter?.everyone ?? false,
      ...(isForMeAlone ? { isForMeAlone } : {}),
      ...(record?.signing ? { signing: record.signing } : {}),
    },
    state: isUnused ? 'not-used' : stateOf(builder, record, failure, note),
    ...(alsoOffered.length > 0 ? { alsoOffered } : {}),
    ...(!builder.enabled && note?.kind === 'paused' && note.pause ? { pausedUntil: note.pause.until } : {}),
    ...(!builder.enabled && note?.kind === 'suspended' ? { suspendedSince: note.since } : {}),
    ...(failure ? { failure } : {}),
    ...(record?.proof ? { proof: record.proof } : {}),
    ...(record && builder.adoptedFrom === undefined
      ? { facts: record.facts, login: `${record.login.user}@${record.login.host}` }
      : {}),
    ...(record?.addedAt ? { addedAt: record.addedAt } : {}),
    derived: record?.derived ?? [],
    remoteFiles: record?.remoteFiles ?? [],
    fingerprints: builder.hostKeys.map((key) => ({ type: key.type, fingerprint: fingerprint(key) })),
  }
}

/** Why we had suspended it: told while it is off for that, and while it is on because the person insisted. */
function failureOf({ enabled }: RegisteredBuilder, note: SwitchNote | undefined): Failure | undefined {
  if (note?.kind === 'suspended' && !enabled) return note.failure
  return note?.kind === 'insisted' && enabled ? note.failure : undefined
}

/** Green means a proof and no failure since; anything less says what it is. */
function stateOf(
  builder: RegisteredBuilder,
  record: BuilderRecord | undefined,
  failure: Failure | undefined,
  note: SwitchNote | undefined,
): BuilderState {
  if (builder.quarantined) return 'refused'
  if (!builder.enabled && note?.kind === 'suspended') return 'suspended'
  if (failure && builderIs(failure) === 'refused') return 'refused'
  if (!builder.enabled) return record?.proof ? 'paused' : 'unproven'
  if (failure) return builderIs(failure) === 'unreachable' ? 'unreachable' : 'needs-you'
  return record?.proof ? 'ready' : 'unproven'
}
