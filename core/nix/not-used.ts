import type { DaemonView, InTheWay, InTheWayCause } from '../../contract/daemon'
import { createFailure, type KnownFailure } from '../failures/failure'

const codes = {
  'line-lost': 'NIX_LINE_LOST',
  'custom-not-included': 'NIX_CUSTOM_NOT_INCLUDED',
  overridden: 'NIX_LINE_OVERRIDDEN',
  'other-folder': 'NIX_OTHER_FOLDER',
  'other-hook': 'NIX_OTHER_HOOK',
  'shut-in': 'DAEMON_SHUT_IN',
  'conf-broken': 'DAEMON_CONF_BROKEN',
  'machines-broken': 'MACHINE_LINE_BROKEN',
  'ssh-line-lost': 'SSH_LINE_LOST',
  'not-restarted': 'DAEMON_NOT_RESTARTED',
} as const satisfies Readonly<Record<InTheWayCause, string>>

/** What the helper can put right by adding lines of ours and restarting the daemon. */
const mendable: readonly InTheWayCause[] = ['line-lost', 'ssh-line-lost', 'not-restarted']

/** What keeps a build from a builder also where the list is given for that build alone, as a proof does. */
const stopping: readonly InTheWayCause[] = ['ssh-line-lost', 'shut-in', 'other-hook']

export function stopsProof({ cause }: InTheWay): boolean {
  return stopping.includes(cause)
}

export function canPutBack(daemon: DaemonView | undefined): boolean {
  return daemon?.inTheWay !== undefined && mendable.includes(daemon.inTheWay.cause)
}

export function inTheWayFailure(
  { cause, file, line, said }: InTheWay,
  { builder, list }: { readonly builder?: string; readonly list?: string | undefined } = {},
): KnownFailure {
  const where = line === undefined ? file : `${file}:${line}`
  const facts = {
    where,
    ...(builder === undefined ? {} : { builder }),
    ...(cause === 'overridden' && list !== undefined ? { list } : {}),
  }
  return createFailure(codes[cause], facts, said)
}

/**
 * Why the daemon would send nothing to a builder that is on; undefined: it would, or it is not known. A view from beside
 * another generation knows nothing of this one.
 */
export function notUsedFailure(
  { id, enabled }: { readonly id: string; readonly enabled: boolean },
  daemon: DaemonView | undefined,
  generation: number | undefined,
): KnownFailure | undefined {
  if (!enabled || !daemon?.inTheWay || daemon.generation !== generation) return undefined
  return daemon.used.includes(id)
    ? undefined
    : inTheWayFailure(daemon.inTheWay, { builder: id, list: daemon.list })
}
