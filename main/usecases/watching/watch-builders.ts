import type { BuilderView } from '../../../contract/snapshot'
import { isProbed, isWatched } from '../../../core/health/probed'
import { usualPace } from '../../../core/health/suspension'
import { slotName, slotsInUse } from '../../../core/nix/slots'
import { cancellableSleep } from '../steps/cancellable-sleep'
import { batchSwitching } from './batch-switching'
import { createDoubts } from './doubts'
import { createHandshakeQueue } from './handshake-queue'
import { createSharedTimer } from './shared-timer'
import { type BuilderWatch, watchBuilder } from './watch-builder'
import type { WatchHooks, WatchPorts, WatchRules } from './watch-context'

export interface BuildersWatch {
  /** Watches whom there is to watch now. */
  update(): void
  /** Settles once each has been probed; who has not answered by the deadline is reported as too slow. */
  probed(deadlineMs: number): Promise<void>
  /** This computer has slept, or is in another network: probes all at once. */
  wake(): void
  close(): void
}

/** With more than so many, each is probed half as often. */
const many = 50
/** Over how long the probes of many builders are spread after a wake. */
const wakeMs = 2_000
/** A few may all be probed in the same moment. */
const few = 12

interface Watching extends BuilderWatch {
  readonly builder: BuilderView
  readonly key: string
  readonly slots: number
  stop(): void
}

/**
 * Watches every builder that is on or that we have suspended, each for itself. A paused one is left alone; so is one
 * behind a jump host without a policy, since only root has the way to it.
 */
export function watchBuilders(needs: WatchPorts, hooks: WatchHooks): BuildersWatch {
  const ports: WatchPorts = { ...needs, helper: batchSwitching(needs.helper) }
  const stopping = new AbortController()
  const watching = new Map<string, Watching>()
  let seen: readonly BuilderView[] | undefined
  let seenSlots = hooks.slots()
  let known: ReadonlyMap<string, BuilderView> = new Map()
  const joinRound = createSharedTimer(ports, stopping.signal)
  const rules: WatchRules = {
    policy: hooks.policy,
    show: hooks.show,
    builder: (id) => known.get(id),
    probeIntervalMs: () => (watching.size > many ? 2 : 1) * usualPace.intervalMs,
    joinRound: () => (watching.size <= few ? joinRound : undefined),
    handshakes: createHandshakeQueue(ports, stopping.signal),
  }

  const begin = (builder: BuilderView, provenAt: string | undefined): Watching => {
    const ending = new AbortController()
    const watch = watchBuilder(ports, rules, builder, provenAt, ending.signal)
    const slots = slotsInUse(builder, seenSlots) ?? 0
    if (slots > 0) watch.report({ kind: 'slots', slots })
    return { ...watch, builder, key: keyOf(builder), slots, stop: () => ending.abort() }
  }
  /** Slots change seldom: nobody is asked while they have not. */
  const updateSlots = () => {
    const now = hooks.slots()
    if (now === seenSlots) return
    seenSlots = now
    for (const [id, one] of watching) {
      const slots = slotsInUse(one.builder, now) ?? 0
      if (slots === one.slots) continue
      watching.set(id, { ...one, slots })
      one.report({ kind: 'slots', slots })
    }
  }
  const isToWatch = (builder: BuilderView): boolean => {
    if (hooks.only !== undefined && builder.id !== hooks.only) return false
    return hooks.policy ? isWatched(builder) : isProbed(builder)
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
  }
  const wakeAll = async () => {
    const gapMs = watching.size > few ? wakeMs / watching.size : 0
    for (const { wake } of [...watching.values()]) {
      wake()
      if (gapMs > 0) await ports.jitteredSleep(gapMs, stopping.signal)
    }
  }
  const doubt = createDoubts(ports, stopping.signal, (id) => {
    const one = watching.get(id)
    if (!one) return
    one.report({ kind: 'doubted' })
    one.wake()
    // Where Nix's settings are the reason, no handshake tells.
    void hooks.policy?.refresh()
  })
  const stopDoubting = hooks.policy
    ? ports.slots.onLetGo((name) => {
        for (const [id, { builder }] of watching) if (slotName(builder) === name) doubt(id)
      })
    : () => undefined
  return {
    update: () => {
      updateSlots()
      const builders = hooks.builders()
      if (builders === seen) return
      seen = builders
      known = new Map(builders.map((builder) => [builder.id, builder]))
      const wanted = builders.filter(isToWatch)
      const ids = new Set(wanted.map(({ id }) => id))
      for (const id of [...watching.keys()]) if (!ids.has(id)) end(id)
      for (const builder of wanted) follow(builder)
    },
    probed: async (deadlineMs) => {
      const wait = cancellableSleep(ports, deadlineMs, stopping.signal)
      await Promise.race([Promise.all([...watching.values()].map(({ probed }) => probed)), wait.done])
      wait.cancel()
      for (const { expire } of watching.values()) expire()
    },
    wake: () => void wakeAll(),
    close: () => {
      stopping.abort()
      stopDoubting()
      for (const { stop } of watching.values()) stop()
      watching.clear()
    },
  }
}

/** One that moved or got other keys is watched anew. */
function keyOf({ id, host, port, user, hostKeys }: BuilderView): string {
  return JSON.stringify([id, host, port, user, hostKeys])
}

/** What else of root's files a handshake is about; with another of these it has proven something else. */
function specOf({ protocol, systems, supportedFeatures, mandatoryFeatures, jump }: BuilderView): string {
  return JSON.stringify([protocol, systems, supportedFeatures, mandatoryFeatures, jump])
}
