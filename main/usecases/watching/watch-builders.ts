import type { BuilderView } from '../../../contract/snapshot'
import { defaultSettings } from '../../../core/health/suspension'
import { batchSwitching } from './batch-switching'
import { createHandshakeQueue } from './handshake-queue'
import { createSharedTimer } from './shared-timer'
import { type BuilderWatch, watchBuilder } from './watch-builder'
import type { WatchHooks, WatchPorts, WatchRules } from './watch-context'

export interface BuildersWatch {
  /** Watches whom there is to watch now. */
  update(): void
  /** This computer has slept, or is in another network: looks at all at once. */
  wake(): void
  close(): void
}

/** From so many on each is looked at half as often. */
const many = 50
/** Over how long the probes of many builders are spread after a wake. */
const wakeMs = 2_000
/** A few may all be looked at in the same moment. */
const few = 12

interface Watching extends BuilderWatch {
  readonly builder: BuilderView
  readonly key: string
  stop(): void
}

/** Watches every builder that is on or that we have suspended, each for itself. A paused one is left alone. */
export function watchBuilders(needs: WatchPorts, hooks: WatchHooks): BuildersWatch {
  const ports: WatchPorts = { ...needs, helper: batchSwitching(needs.helper) }
  const stopping = new AbortController()
  const watching = new Map<string, Watching>()
  let seen: readonly BuilderView[] | undefined
  let known: ReadonlyMap<string, BuilderView> = new Map()
  const joinRound = createSharedTimer(ports, stopping.signal)
  const rules: WatchRules = {
    ...hooks,
    builder: (id) => known.get(id),
    maySuspend: () => hooks.suspends() && hooks.maySwitch(),
    probeIntervalMs: () => (watching.size > many ? 2 : 1) * defaultSettings.probeIntervalMs,
    joinRound: () => (watching.size <= few ? joinRound : undefined),
    handshakes: createHandshakeQueue(ports, stopping.signal),
  }

  const begin = (builder: BuilderView, provenAt: string | undefined): Watching => {
    const ending = new AbortController()
    const watch = watchBuilder(ports, rules, builder, provenAt, ending.signal)
    if (builder.runningBuilds) watch.report({ kind: 'slots', slots: builder.runningBuilds })
    return { ...watch, builder, key: keyOf(builder), stop: () => ending.abort() }
  }
  const end = (id: string) => {
    watching.get(id)?.stop()
    watching.delete(id)
    hooks.show(id, undefined)
  }
  const follow = (builder: BuilderView) => {
    const { id, proof } = builder
    const before = watching.get(id)
    if (!before) return void watching.set(id, begin(builder, proof?.at))
    if (before.builder === builder) return
    const isNewlyProven = proof !== undefined && proof.at !== before.builder.proof?.at
    if (before.key !== keyOf(builder)) {
      end(id)
      // What was proven is another builder, unless it has been proven since.
      return void watching.set(id, begin(builder, isNewlyProven ? proof.at : undefined))
    }
    watching.set(id, { ...before, builder })
    if (specOf(builder) !== specOf(before.builder)) before.report({ kind: 'changed' })
    if (isNewlyProven) before.report({ kind: 'handshake', revision: before.revision() })
    if (builder.runningBuilds !== before.builder.runningBuilds)
      before.report({ kind: 'slots', slots: builder.runningBuilds ?? 0 })
  }
  const wakeAll = async () => {
    const gapMs = watching.size > few ? wakeMs / watching.size : 0
    for (const { wake } of [...watching.values()]) {
      wake()
      if (gapMs > 0) await ports.jitteredSleep(gapMs, stopping.signal)
    }
  }
  return {
    update: () => {
      const builders = hooks.builders()
      if (builders === seen) return
      seen = builders
      known = new Map(builders.map((builder) => [builder.id, builder]))
      const wanted = builders.filter(isToWatch)
      const ids = new Set(wanted.map(({ id }) => id))
      for (const id of [...watching.keys()]) if (!ids.has(id)) end(id)
      for (const builder of wanted) follow(builder)
    },
    wake: () => void wakeAll(),
    close: () => {
      stopping.abort()
      for (const { stop } of watching.values()) stop()
      watching.clear()
    },
  }
}

function isToWatch({ enabled, suspendedSince, quarantined }: BuilderView): boolean {
  return !quarantined && (enabled || suspendedSince !== undefined)
}

/** One that moved or got other keys is watched anew. */
function keyOf({ id, host, port, user, hostKeys }: BuilderView): string {
  return JSON.stringify([id, host, port, user, hostKeys])
}

/** What else of root's files a handshake is about; with another of these it has proven something else. */
function specOf({ protocol, systems, supportedFeatures, mandatoryFeatures, jump }: BuilderView): string {
  return JSON.stringify([protocol, systems, supportedFeatures, mandatoryFeatures, jump])
}
