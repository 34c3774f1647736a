import type { Sample } from '../../contract/health'
import { createFailure, type KnownFailure } from '../../core/failures/failure'
import { fail } from '../../main/failures'
import type { CollectPort } from '../../main/ports/collect'
import type { MonitorPort } from '../../main/ports/monitor'
import type { Calls } from './calls'
import { publicHalf } from './keys'
import type { Machine } from './machine'
import { logIn, type Network } from './network'
import type { VirtualTime } from './virtual-time'

/** Frees space as the key for it allows, and only what the person has said yes to. */
export function createCollect(
  calls: Calls,
  network: Network,
  mayCollect: (id: string) => boolean,
): CollectPort {
  const enter = (...[target, key]: Parameters<CollectPort['count']>) =>
    logIn(network, target, publicHalf(key), 'collect')
  return {
    count: (target, key, signal) =>
      calls.run('collect.count', () => enter(target, key, signal).garbage, signal),
    collect: (target, key, onProgress, signal) =>
      calls.run(
        'collect.collect',
        () => {
          if (!mayCollect(target.id)) calls.misuse(`space on ${target.id} is freed without a yes`)
          const machine = enter(target, key, signal)
          const freed = machine.garbage
          onProgress({ paths: Math.floor(freed.paths / 2), bytes: Math.floor(freed.bytes / 2) })
          machine.garbage = { paths: 0, bytes: 0 }
          return freed
        },
        signal,
      ),
  }
}

export interface FakeMonitor extends MonitorPort {
  /** Connections that are held now, by the name of the machine. */
  readonly held: () => readonly string[]
  /** Ends what is held to a machine; it may be down from then on. */
  cut(machine: Machine, code: 'CONNECTION_LOST' | 'TIMED_OUT'): void
}

/** Watches builders by the key that can do nothing else there. */
export function createMonitor(calls: Calls, network: Network, time: VirtualTime): FakeMonitor {
  const held = new Map<object, { readonly machine: Machine; readonly end: (failure: KnownFailure) => void }>()
  return {
    held: () => [...held.values()].map(({ machine }) => machine.name),
    cut: (cutOff, code) => {
      for (const { machine, end } of held.values())
        if (machine === cutOff) end(createFailure(code, { host: cutOff.host }))
    },
    connect: (target, privateKey, signal) =>
      calls.run(
        'monitor.connect',
        () => {
          const machine = logIn(network, target, publicHalf(privateKey), 'monitor')
          const session = {}
          let isClosed = false
          signal.addEventListener('abort', () => held.delete(session), { once: true })
          const ended = new Promise<KnownFailure>((resolve) => {
            held.set(session, {
              machine,
              end: (failure) => {
                held.delete(session)
                resolve(failure)
              },
            })
          })
          return {
            ended,
            probe: async () => {
              if (isClosed) calls.misuse(`${target.id} is probed after its session was closed`)
              return await calls.run('monitor.probe', () => {
                if (!held.has(session)) fail('CONNECTION_LOST', { builder: target.id, host: target.host })
                return sampleOf(machine, time.nowMs())
              })
            },
            close: () => {
              isClosed = true
              held.delete(session)
            },
          }
        },
        signal,
      ),
  }
}

/** What an idle machine says of itself. */
function sampleOf({ runningBuilds }: Machine, atMs: number): Sample {
  return {
    ...{ atMs, latencyMs: 1, bootId: 'boot-1', load1: 0.2, cpus: 8, nixVersion: '2.18.9' },
    ...{ memoryBytes: 32e9, memoryFreeBytes: 24e9, storeBytes: 1e12, storeFreeBytes: 6e11 },
    ...{ builds: runningBuilds, buildNames: [] },
  }
}
