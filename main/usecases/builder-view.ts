import type { RegisteredBuilder } from '../../contract/builder'
import type { Failure, FailureCode } from '../../contract/failure'
import type { PublicKey } from '../../contract/grammar'
import type { BuilderState, BuilderView } from '../../contract/snapshot'
import type { BuilderRecord } from '../ports/records'

const unreachable: readonly FailureCode[] = [
  'UNREACHABLE',
  'CONNECTION_REFUSED',
  'NAME_NOT_FOUND',
  'TIMED_OUT',
]
const refused: readonly FailureCode[] = ['HOST_KEY_CHANGED', 'LOGIN_REFUSED', 'QUARANTINED']

/** Joins what root's files say of a builder with what the app remembers of it. */
export function builderView(
  builder: RegisteredBuilder,
  record: BuilderRecord | undefined,
  fingerprint: (key: PublicKey) => string,
  /** Whether the person wants it as substituter. */
  isMine: boolean,
): BuilderView {
  const failure: Failure | undefined = builder.quarantined
    ? { code: 'QUARANTINED', facts: { builder: builder.id, host: builder.host } }
    : record?.failure
  const { substituter, ...rest } = builder
  return {
    ...rest,
    substituter: {
      offered: substituter !== undefined,
      me: substituter !== undefined && isMine,
      everyone: substituter?.everyone ?? false,
      ...(record?.signing ? { signing: record.signing } : {}),
    },
    state: stateOf(builder, record, failure),
    ...(failure ? { failure } : {}),
    ...(record?.proof ? { proof: record.proof } : {}),
    ...(record
      ? { facts: record.facts, login: `${record.login.user}@${record.login.host}`, addedAt: record.addedAt }
      : {}),
    derived: record?.derived ?? [],
    remoteFiles: record?.remoteFiles ?? [],
    fingerprints: builder.hostKeys.map((key) => ({ type: key.type, fingerprint: fingerprint(key) })),
  }
}

/** Green means a proof and no failure since; anything less says what it is. */
function stateOf(
  builder: RegisteredBuilder,
  record: BuilderRecord | undefined,
  failure: Failure | undefined,
): BuilderState {
  if (failure && refused.includes(failure.code)) return 'refused'
  if (!builder.enabled) return record?.proof ? 'paused' : 'unproven'
  if (failure) return unreachable.includes(failure.code) ? 'unreachable' : 'needs-you'
  return record?.proof ? 'ready' : 'unproven'
}
