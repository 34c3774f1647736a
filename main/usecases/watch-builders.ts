import type { BuilderView } from '../../contract/snapshot'
import type { Ports } from '../ports/ports'
import { watchBuilder } from './watch-builder'

export type WatchNeeds = Pick<
  Ports,
  'helper' | 'userConf' | 'records' | 'keychain' | 'monitor' | 'waitAbout' | 'clock'
>

export interface WatchHooks {
  /** The builders as last read from the system. */
  readonly builders: () => readonly BuilderView[]
  /** A job is at work on it, which knows better. */
  readonly isBusy: (id: string) => boolean
  /** Reads the system again. */
  readonly look: () => Promise<void>
}

export interface BuildersWatch {
  /** Watches whom there is to watch now. */
  update(): void
  close(): void
}

/** Watches every builder that is on or that we have suspended, each for itself. A paused one is left alone. */
export function watchBuilders(ports: WatchNeeds, hooks: WatchHooks): BuildersWatch {
  const watching = new Map<string, AbortController>()
  let seen: readonly BuilderView[] | undefined
  return {
    update: () => {
      const builders = hooks.builders()
      if (builders === seen) return
      seen = builders
      const wanted = new Map(builders.filter(isToWatch).map((builder) => [keyOf(builder), builder]))
      for (const [key, watch] of watching) {
        if (wanted.has(key)) continue
        watch.abort()
        watching.delete(key)
      }
      for (const [key, builder] of wanted) {
        if (watching.has(key)) continue
        const watch = new AbortController()
        watching.set(key, watch)
        void watchBuilder(ports, hooks, builder, watch.signal)
      }
    },
    close: () => {
      for (const watch of watching.values()) watch.abort()
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
