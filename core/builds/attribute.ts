import type { BuildActivity } from '../../contract/builds'

/** A hook of Nix that holds a slot: one process for each build elsewhere. */
export interface Hook {
  readonly pid: number
  readonly workerPid: number
  readonly builder: string
  /** When Nix gave it the slot. */
  readonly sinceMs: number
}

/** The lock on an output that a worker builds or lets build. */
export interface OutputLock {
  readonly inode: number
  readonly workerPid: number
  /** In the store, without the hash: `hello-2.12`. */
  readonly name: string
  /** Of the output; of the derivation where the output is not known before. */
  readonly path: string
  readonly sinceMs: number
}

/** What one derivation has locked: the first output and its others (`hello`, `hello-dev`). */
export type Outputs = Pick<OutputLock, 'inode' | 'workerPid' | 'name' | 'path' | 'sinceMs'>

export interface Attributed {
  readonly byHook: ReadonlyMap<number, Outputs>
  /** Locked by a worker for no hook: built here, or fetched. */
  readonly rest: readonly Outputs[]
}

/** File systems count time in steps of the kernel's clock. */
const stepMs = 12

/**
 * Which hook builds what. A worker locks the outputs of a derivation and then asks for a hook, one after the other:
 * so a hook's outputs are the last that its worker locked before the hook got its slot.
 */
export function attribute(hooks: readonly Hook[], locks: readonly OutputLock[]): Attributed {
  const free = new Set(firstOutputs(locks))
  const byHook = new Map<number, Outputs>()
  for (const hook of [...hooks].sort((a, b) => a.sinceMs - b.sinceMs)) {
    let best: Outputs | undefined
    for (const outputs of free) {
      if (outputs.workerPid !== hook.workerPid || outputs.sinceMs > hook.sinceMs + stepMs) continue
      if (!best || outputs.sinceMs > best.sinceMs) best = outputs
    }
    if (!best) continue
    byHook.set(hook.pid, best)
    free.delete(best)
  }
  return { byHook, rest: [...free] }
}

/** Outputs that were locked together with a shorter name of theirs belong to it. */
function firstOutputs(locks: readonly OutputLock[]): Outputs[] {
  const sorted = [...locks].sort((a, b) => a.name.length - b.name.length)
  return sorted.filter(
    (lock, at) =>
      !sorted
        .slice(0, at)
        .some(
          (first) =>
            first.workerPid === lock.workerPid &&
            Math.abs(first.sinceMs - lock.sinceMs) <= stepMs &&
            lock.name.startsWith(`${first.name}-`) &&
            /^[a-z]+$/.test(lock.name.slice(first.name.length + 1)),
        ),
  )
}

/** What was seen of a hook in earlier looks. */
export interface PreviousHook {
  readonly uploaded: boolean
  readonly built: boolean
}

export interface CurrentHook {
  readonly uploads: boolean
  /** It has locked something in the store: what came back is being put there. */
  readonly stores: boolean
  /** What its builder says is built there; undefined where it does not tell. */
  readonly listed?: boolean | undefined
  readonly ageMs: number
}

/** Connecting takes about as long; a copy that was shorter than the pace of looking is never seen. */
const connectingMs = 4_000

/** What a hook does, by the locks that it holds and what its builder says. */
export function activityOf(past: PreviousHook, now: CurrentHook): BuildActivity {
  if (now.uploads) return 'copying-inputs'
  if (now.stores) return 'copying-outputs'
  if (now.listed) return 'building'
  if (past.built && now.listed === false) return 'copying-outputs'
  return past.uploaded || now.ageMs > connectingMs ? 'building' : 'waiting'
}

/** The name of what a lock file in the store is for (`HASH-NAME.lock`), and the path; undefined for others. */
export function lockedOutput(file: string): { readonly name: string; readonly base: string } | undefined {
  const found = /^([a-z0-9]{32}-([\w+?=.-]{1,211}))\.lock$/.exec(file)
  const [, base, name] = found ?? []
  return base && name ? { base, name: name.replace(/\.drv$/, '') } : undefined
}
