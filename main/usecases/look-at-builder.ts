import type { Failure, FailureCode } from '../../contract/failure'
import type { Sample } from '../../contract/health'
import { unreachableCodes } from '../../core/health-state'
import type { Observation } from '../../core/suspension'
import { FailureError, toFailure } from '../failures'
import type { Monitored, Watched } from '../ports/monitor'
import type { Ports } from '../ports/ports'
import { watchingKey } from './monitor-key'

/** What a failed connection proves of a builder; anything else, such as a refused key, is for the handshake to judge. */
export const conclusive: readonly FailureCode[] = unreachableCodes

/** What one look has shown. */
export interface Look {
  readonly observation: Observation
  readonly failure?: Failure
  readonly sample?: Sample
  /** It took a login of root's. */
  readonly isCostly?: boolean
}

/** A look that failed; it says something of the builder only if the code is one of those that tell. */
export function failedLook(failure: Failure, telling: readonly FailureCode[], isCostly = false): Look {
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
export interface HeldConnection {
  /** Never rejects. `undefined`: there is no key to look with, or no way past a jump host. */
  look(isHurried: boolean): Promise<Look | undefined>
  /** Settles when the connection ends; undefined while there is none. */
  ended(): Promise<Failure> | undefined
  letGo(): void
}

export function holdConnection(
  ports: Pick<Ports, 'keychain' | 'monitor' | 'waitAbout'>,
  builder: Watched & { readonly jump?: unknown },
  signal: AbortSignal,
): HeldConnection {
  let held: Monitored | undefined
  const letGo = () => {
    held?.close()
    held = undefined
  }
  const probeSoon = async (connection: Monitored): Promise<Sample> => {
    const waiting = new AbortController()
    const late = ports.waitAbout(hurriedMs, AbortSignal.any([signal, waiting.signal])).then(() => {
      throw new FailureError({ code: 'CONNECTION_LOST', facts: { builder: builder.id, host: builder.host } })
    })
    late.catch(() => undefined)
    try {
      return await Promise.race([connection.probe(), late])
    } finally {
      waiting.abort()
    }
  }
  return {
    letGo,
    ended: () => held?.ended,
    look: async (isHurried) => {
      const isOld = held !== undefined
      try {
        if (!held) {
          const key = builder.jump ? undefined : await watchingKey(ports).catch(() => undefined)
          if (!key) return undefined
          held = await ports.monitor.connect(builder, key, signal)
        }
        const sample = await (isHurried && isOld ? probeSoon(held) : held.probe())
        return { observation: { outcome: 'answered' }, sample }
      } catch (error) {
        letGo()
        return failedLook(toFailure(error), conclusive)
      }
    },
  }
}
