import type { Failure, FailureCode } from '../../../contract/failure'
import type { Sample } from '../../../contract/health'
import { unreachableCodes } from '../../../core/health/state'
import type { Observation } from '../../../core/health/suspension'
import { fail, toFailure } from '../../failures'
import type { ProbeSession, ProbeTarget } from '../../ports/monitor'
import type { Ports } from '../../ports/ports'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { watchingKey } from '../steps/own-keys'

/** What a failed connection proves of a builder; anything else, such as a refused key, is for the handshake to judge. */
export const conclusiveCodes: readonly FailureCode[] = unreachableCodes

/** What one look has shown. */
export interface ProbeOutcome {
  readonly observation: Observation
  readonly failure?: Failure
  readonly sample?: Sample
  /** It took a login of root's. */
  readonly isCostly?: boolean
  /** It was root's handshake, but beside looks that cost nothing and go on. */
  readonly isBeside?: boolean
}

/** A look that failed; it says something of the builder only if the code is one of those that tell. */
export function failedProbe(
  failure: Failure,
  telling: readonly FailureCode[],
  isCostly = false,
): ProbeOutcome {
  const tells = telling.includes(failure.code)
  return {
    observation: tells ? { outcome: 'failed', code: failure.code } : { outcome: 'unknown' },
    failure,
    isCostly,
  }
}

/** After a sleep, or in another network, a connection that was held before is given up soon. */
const hurriedMs = 3_000

/** The one connection that is held to a builder with the watching key, made when it is needed. */
export interface ProbeConnection {
  /** Never rejects. `undefined`: there is no key to look with, or no way past a jump host. */
  look(isHurried: boolean): Promise<ProbeOutcome | undefined>
  letGo(): void
}

export function createProbeConnection(
  ports: Pick<Ports, 'keychain' | 'monitor' | 'jitteredSleep'>,
  builder: ProbeTarget & { readonly jump?: unknown },
  signal: AbortSignal,
  /** Told when it ends between two looks. */
  onEnded: (failure: Failure) => void,
): ProbeConnection {
  let held: ProbeSession | undefined
  let isLooking = false
  const letGo = () => {
    held?.close()
    held = undefined
  }
  const connect = async (key: string): Promise<ProbeSession> => {
    const connection = await ports.monitor.connect(builder, key, signal)
    void connection.ended.then((failure) => {
      if (held !== connection) return
      held = undefined
      if (!isLooking && !signal.aborted) onEnded(failure)
    })
    return connection
  }
  const probeSoon = async (connection: ProbeSession): Promise<Sample> => {
    const wait = cancellableSleep(ports, hurriedMs, signal)
    const late = wait.done.then((): never =>
      fail('CONNECTION_LOST', { builder: builder.id, host: builder.host }),
    )
    late.catch(() => undefined)
    try {
      return await Promise.race([connection.probe(), late])
    } finally {
      wait.cancel()
    }
  }
  return {
    letGo,
    look: async (isHurried) => {
      const before = held
      isLooking = true
      try {
        if (!held) {
          const key = builder.jump ? undefined : await watchingKey(ports).catch(() => undefined)
          if (!key) return undefined
          held = await connect(key)
        }
        const sample = await (isHurried && before ? probeSoon(before) : held.probe())
        return { observation: { outcome: 'answered' }, sample }
      } catch (error) {
        letGo()
        return failedProbe(toFailure(error), conclusiveCodes)
      } finally {
        isLooking = false
      }
    },
  }
}
