import type { Proof } from './builder'
import type { JobKind } from './commands'
import type { Failure } from './failure'
import type { Plan } from './remote'

export interface StepView {
  /** One of the steps in its kind's row in `core/jobs/kinds.ts`. */
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped'
  readonly durationMs?: number
  /** What was found or done, in a few words. */
  readonly note?: string
}

/** A question inside the step that needs it. Secrets go in as answers and never come out. */
export type Question =
  | {
      readonly kind: 'host-key'
      readonly host: string
      readonly port: number
      readonly keyType: string
      readonly fingerprint: string
      /** The fingerprints of the keys that it had before; absent: it has never been seen. */
      readonly known?: readonly string[]
    }
  | { readonly kind: 'password'; readonly user: string; readonly host: string; readonly again: boolean }
  | { readonly kind: 'passphrase'; readonly keyFile: string; readonly again: boolean }
  | {
      readonly kind: 'keyboard-interactive'
      readonly host: string
      readonly prompts: readonly { readonly text: string; readonly echo: boolean }[]
    }
  | {
      readonly kind: 'approve-plan'
      readonly host: string
      readonly plan: Plan
      /** Set where the plan renews the keys to that builder; absent: it makes the machine one. */
      readonly renews?: string
      /** Set when becoming root there takes this user's password; the answer then carries it. */
      readonly sudoUser?: string
    }
  | { readonly kind: 'sudo-password'; readonly user: string; readonly host: string; readonly again: boolean }
  | { readonly kind: 'key-file-consent'; readonly path: string }
  /** `host`: the daemon of that machine, not of this computer. */
  | { readonly kind: 'restart-daemon'; readonly host?: string }
  /** What garbage collection would free on that builder. */
  | {
      readonly kind: 'approve-collect'
      readonly builder: string
      readonly paths: number
      readonly bytes: number
    }
  /** A line of others, which is to become ours. */
  | { readonly kind: 'approve-adopt'; readonly builder: string; readonly where: string }
  /** Nothing here can ask for root: the person runs the command by hand and gives back what it prints. */
  | { readonly kind: 'run-as-root'; readonly command: string; readonly again: boolean }
export type QuestionKind = Question['kind']

/** What the person answered; `no` declines whatever was asked. */
export type Answer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secrets'; readonly secrets: readonly string[] }

export interface AskedQuestion {
  readonly id: string
  readonly question: Question
}

/** What nothing on a builder needs, and once it is deleted, what that freed. */
export interface GarbageView {
  readonly found: { readonly paths: number; readonly bytes: number }
  readonly freed?: { readonly paths: number; readonly bytes: number }
}

export interface JobView {
  readonly id: string
  readonly kind: JobKind
  readonly builderId: string
  /** `admin@otto.lan`, as typed or found. */
  readonly address: string
  readonly state: 'running' | 'asking' | 'undoing' | 'done' | 'failed' | 'cancelled'
  readonly steps: readonly StepView[]
  readonly asked?: AskedQuestion
  readonly plan?: Plan
  readonly proof?: Proof
  readonly garbage?: GarbageView
  readonly failure?: Failure
  /** What could not be undone, a sentence each with the commands that would. */
  readonly leftBehind: readonly string[]
  /** What a job that went well has left, its like could still take back; else there is nothing more to do from here. */
  readonly isUnsettled?: true
  readonly durationMs?: number
  /** Has anything on this computer or over there changed yet. */
  readonly changed: boolean
}
