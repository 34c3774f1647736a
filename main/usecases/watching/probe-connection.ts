import type { Sample } from '../../../contract/health'
import { type KnownFailure, unreachableCodes } from '../../../core/failures/failure'
import type { FailureCode } from '../../../core/failures/rows'
import type { Observation } from '../../../core/health/suspension'
import { fail, toFailure } from '../../failures'
import type { ProbeSession, ProbeTarget } from '../../ports/monitor'
import type { Ports } from '../../ports/ports'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { watchingKey } from '../steps/own-keys'

/** What a failed connection proves of a builder; anything else, such as a refused key, is for the handshake to judge. */
export const conclusiveCodes: readonly FailureCode[] = unreachableCodes

/** What one probe has shown. */
export interface ProbeOutcome {
  readonly observation: Observation
  readonly failure?: KnownFailure
  readonly sample?: Sample
  /** It took a login of root's. */
  readonly isCostly?: boolean
  /** It was root's handshake, but beside probes that cost nothing and go on. */
  readonly isBeside?: boolean
}

/** A probe that failed; it says something of the builder only if the code is one of the conclusive ones. */
export function failedProbe(
  failure: KnownFailure,
  conclusive: readonly FailureCode[],
  isCostly = false,
): ProbeOutcome {
  const isConclusive = conclusive.includes(failure.code)
  return {
    observation: isConclusive ? { outcome: 'failed', code: failure.code } : { outcome: 'unknown' },
    failure,
    isCostly,
  }
}

/** Why there is no key to probe with: none was kept, or the keychain is not there, as in a job of cron. */
export async function withoutKey(
  { keychain }: Pick<Ports, 'keychain'>,
  builder: string,
): Promise<ProbeOutcome> {
  // A keychain that cannot say of which kind it is cannot be read either.
  const kind = await keychain.kind().catch(() => 'none')
  const code = kind === 'none' ? 'KEYCHAIN_UNAVAILABLE' : 'NOT_WATCHED'
  return { observation: { outcome: 'unknown' }, failure: { code, facts: { builder } } }
}

/** After a sleep, or in another network, a connection that was held before is given up soon. */
const hurriedMs = 3_000

/** The one connection that is held to a builder with the watching key, made when it is needed. */
export interface ProbeConnection {
  /** Never rejects. `undefined`: there is no key to probe with, or no way past a jump host. */
  probe(isHurried: boolean): Promise<ProbeOutcome | undefined>
  drop(): void
}

export function createProbeConnection(
  ports: Pick<Ports, 'keychain' | 'monitor' | 'jitteredSleep'>,
  builder: ProbeTarget & { readonly jump?: unknown; readonly adoptedFrom?: string | undefined },
  signal: AbortSignal,
  /** Called when it ends between two probes. */
  onEnded: (failure: KnownFailure) => void,
  intervalMs: () => number,
): ProbeConnection {
  let connection: ProbeSession | undefined
  let isProbing = false
  const drop = () => {
    connection?.close()
    connection = undefined
  }
  const connect = async (key: string): Promise<ProbeSession> => {
    const session = await ports.monitor.connect(builder, key, signal, intervalMs)
    void session.ended.then((failure) => {
      if (connection !== session) return
      connection = undefined
      if (!isProbing && !signal.aborted) onEnded(failure)
    })
    return session
  }
  const probeSoon = async (session: ProbeSession): Promise<Sample> => {
    const wait = cancellableSleep(ports, hurriedMs, signal)
    const late = wait.done.then((): never =>
      fail('CONNECTION_LOST', { builder: builder.id, host: builder.host }),
    )
    // It loses the race, mostly; then nobody waits for it.
    late.catch(() => undefined)
    try {
      return await Promise.race([session.probe(), late])
    } finally {
      wait.cancel()
    }
  }
  return {
    drop,
    probe: async (isHurried) => {
      const before = connection
      isProbing = true
      try {
        if (!connection) {
          const isForRoot = builder.jump !== undefined || builder.adoptedFrom !== undefined
          // A keychain that does not answer has no key, now; the handshake as root goes on.
          const key = isForRoot ? undefined : await watchingKey(ports, builder.id).catch(() => undefined)
          if (!key) return undefined
          connection = await connect(key)
        }
        const sample = await (isHurried && before ? probeSoon(before) : connection.probe())
        return { observation: { outcome: 'answered' }, sample }
      } catch (error) {
        drop()
        const failure = toFailure(error)
        // A damaged key is as good as none.
        return failure.code === 'NOT_WATCHED' ? undefined : failedProbe(failure, conclusiveCodes)
      } finally {
        isProbing = false
      }
    },
  }
}
