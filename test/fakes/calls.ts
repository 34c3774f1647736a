import type { QuestionKind } from '../../contract/job'
import type { FailureCode } from '../../core/failures/rows'
import { areaOf, type CallName, documentedFailures } from './documented-failures'
import { failWith } from './fail-with'

/** What happens to one call, or to one question. */
export type Fault =
  /** It fails before its effect; `lasting`: so does from then on all that fails with it. */
  | { readonly kind: 'fails' | 'lasting'; readonly code: FailureCode }
  /** It has its effect, and its answer is lost. */
  | { readonly kind: 'lost-reply'; readonly code: FailureCode }
  /** The person cancels just before its effect, or just after. */
  | { readonly kind: 'cancel' | 'late-cancel' }
  /** The person says no. */
  | { readonly kind: 'decline' }
  /** The app dies. */
  | { readonly kind: 'crash' }

export type Point = CallName | `asks ${QuestionKind}`

/** Somebody used a port in a way that its documentation rules out: a fault in the caller, however it ends. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}

/** The one door that every call to the world goes through: it is written down, and may be told to fail. */
export interface Calls {
  /** In order, questions to the person among them. */
  readonly log: readonly Point[]
  readonly misuses: readonly string[]
  /** Settles when the app has died. */
  readonly crashed: Promise<void>
  /** The fault happens to the nth call from now, the next being 0. */
  plan(at: number, fault: Fault): void
  /** What was planned has passed: nothing fails any more, and another app may be started. */
  mend(): void
  /** Whom to tell that the person cancels. */
  onCancel(cancel: () => void): void
  run<T>(name: CallName, effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T>
  /** The fault of a question; undefined: it is answered. */
  ask(kind: QuestionKind): Fault | undefined
  misuse(what: string): never
}

export function createCalls(): Calls {
  const log: Point[] = []
  const misuses: string[] = []
  let planned: { readonly at: number; readonly fault: Fault } | undefined
  let lasting: { readonly area: string; readonly code: FailureCode } | undefined
  let cancel = () => {}
  let isDead = false
  let die = () => {}
  const crashed = new Promise<void>((resolve) => {
    die = resolve
  })
  const silence = () => {
    isDead = true
    die()
    return new Promise<never>(() => {})
  }
  const next = (name: Point): Fault | undefined => {
    const at = log.push(name) - 1
    return planned?.at === at ? planned.fault : undefined
  }
  const failLasting = (name: CallName) => {
    const codes: readonly FailureCode[] = documentedFailures[name]
    if (!lasting || lasting.area !== areaOf(name)) return
    const code = codes.includes(lasting.code) ? lasting.code : codes[0]
    if (code) failWith(code)
  }

  return {
    log,
    misuses,
    crashed,
    plan: (at, fault) => {
      planned = { at: log.length + at, fault }
    },
    mend: () => {
      isDead = false
      planned = undefined
      lasting = undefined
    },
    onCancel: (listener) => {
      cancel = listener
    },
    async run(name, effect, signal) {
      if (isDead) return silence()
      const fault = next(name)
      await Promise.resolve()
      if (fault?.kind === 'crash') return silence()
      if (fault?.kind === 'cancel') cancel()
      if (signal?.aborted) failWith('CANCELLED')
      if (fault?.kind === 'lasting') lasting = { area: areaOf(name), code: fault.code }
      if (fault?.kind === 'fails') failWith(fault.code)
      failLasting(name)
      const value = await effect()
      if (fault?.kind === 'lost-reply') failWith(fault.code)
      if (fault?.kind === 'late-cancel') {
        cancel()
        if (signal?.aborted) failWith('CANCELLED')
      }
      return value
    },
    ask(kind) {
      const fault = isDead ? ({ kind: 'crash' } as const) : next(`asks ${kind}`)
      if (fault?.kind === 'crash') void silence()
      return fault
    },
    misuse(what) {
      misuses.push(what)
      throw new Misuse(what)
    },
  }
}
