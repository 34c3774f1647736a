import * as v from 'valibot'
import * as g from './grammar'
import type { Series } from './health'
import { ModeName, Scope } from './mode'
import { AutostartWay, Preferences } from './preferences'
import type { Snapshot } from './snapshot'
import type { DeltaText } from './snapshot-delta'

/**
 * Everything the window and the tray may ask of the app: name → the schema of the input, and the type of the
 * output. Both ends derive from this table; a missing handler does not compile. Outcomes of long work arrive
 * in the snapshot, not in the reply.
 */

const jobId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))
const secret = v.pipe(v.string(), v.maxLength(4096))

/** What the person may set when adding; what is absent is found by looking and measuring. */
export const AddOptions = v.strictObject({
  id: v.optional(g.BuilderId),
  identityFile: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  protocol: v.optional(g.Protocol),
  systems: v.optional(g.Systems),
  supportedFeatures: v.optional(g.Features),
  mandatoryFeatures: v.optional(g.Features),
  maxJobs: v.optional(g.MaxJobs),
  speedFactor: v.optional(g.SpeedFactor),
})
export type AddOptions = v.InferOutput<typeof AddOptions>

export const AnswerInput = v.variant('kind', [
  v.strictObject({ kind: v.literal('yes') }),
  v.strictObject({ kind: v.literal('no') }),
  v.strictObject({ kind: v.literal('secret'), secret }),
  v.strictObject({ kind: v.literal('text'), text: v.pipe(v.string(), v.maxLength(262_144)) }),
  v.strictObject({
    kind: v.literal('secrets'),
    secrets: v.pipe(v.array(secret), v.maxLength(16), v.readonly()),
  }),
])

export const commandInputs = {
  'get-snapshot': v.strictObject({}),
  'add-builder': v.strictObject({ address: v.pipe(v.string(), v.maxLength(16_384)), options: AddOptions }),
  answer: v.strictObject({ jobId, questionId: jobId, answer: AnswerInput }),
  'cancel-job': v.strictObject({ jobId }),
  'dismiss-job': v.strictObject({ jobId }),
  'test-builder': v.strictObject({ id: g.BuilderId }),
  'remove-builder': v.strictObject({ id: g.BuilderId, localOnly: v.boolean() }),
  /** Absent `forMs`: until the person resumes it. */
  'pause-builder': v.strictObject({
    id: g.BuilderId,
    forMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60_000), v.maxValue(31 * 86_400_000))),
  }),
  'resume-builder': v.strictObject({ id: g.BuilderId }),
  /** Absent: the generation before the current one. */
  'roll-back': v.strictObject({ generation: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
  'set-mode': v.strictObject({ mode: ModeName, scope: Scope, on: v.boolean() }),
  /** Offers the builder first where it is not offered yet. */
  'use-substituter': v.strictObject({ id: g.BuilderId, scope: Scope, on: v.boolean() }),
  'withdraw-substituter': v.strictObject({ id: g.BuilderId }),
  'share-connection': v.strictObject({ id: g.BuilderId, on: v.boolean() }),
  /** Asks on its way whether what would be freed may go. */
  'collect-garbage': v.strictObject({ id: g.BuilderId }),
  'get-series': v.strictObject({ id: g.BuilderId, span: v.picklist(['hour', 'day']) }),
  'set-preferences': Preferences,
  'set-autostart': v.strictObject({ way: AutostartWay }),
  'look-around': v.strictObject({}),
  'copy-text': v.strictObject({ text: v.pipe(v.string(), v.maxLength(262_144)) }),
} as const
export type CommandName = keyof typeof commandInputs
export type CommandInput<N extends CommandName> = v.InferOutput<(typeof commandInputs)[N]>

export interface CommandOutputs {
  'get-snapshot': Snapshot
  'add-builder': { readonly jobId: string }
  answer: undefined
  'cancel-job': undefined
  'dismiss-job': undefined
  'test-builder': { readonly jobId: string }
  'remove-builder': { readonly jobId: string }
  'pause-builder': { readonly jobId: string }
  'resume-builder': { readonly jobId: string }
  'roll-back': { readonly jobId: string }
  /** A job only for everyone; for me it is done when the reply comes. */
  'set-mode': { readonly jobId?: string }
  'use-substituter': { readonly jobId?: string }
  'withdraw-substituter': { readonly jobId: string }
  'share-connection': { readonly jobId: string }
  'collect-garbage': { readonly jobId: string }
  'get-series': Series
  'set-preferences': undefined
  'set-autostart': undefined
  /** Reads the system again: helper status, SSH configuration, known hosts, machines files. */
  'look-around': undefined
  'copy-text': undefined
}
export type CommandOutput<N extends CommandName> = CommandOutputs[N]

/** Where the app tells the window what to show. */
export type Navigation =
  /** `failure`: why what was chosen in the tray was refused. */
  | { readonly to: 'builders'; readonly failure?: import('./failure').Failure }
  | { readonly to: 'add' }
  | { readonly to: 'builds' }
  | { readonly to: 'settings' }
  | { readonly to: 'builder'; readonly id: string }

/** The one object that the preload script puts into the window. */
export interface MillwrightApi {
  call<N extends CommandName>(
    name: N,
    input: CommandInput<N>,
  ): Promise<import('./failure').Reply<CommandOutput<N>>>
  /** What changed since `get-snapshot` was answered, and then since the delta before. */
  onDelta(listener: (delta: DeltaText) => void): () => void
  onNavigate(listener: (navigation: Navigation) => void): () => void
}

/** A handler for every command; a missing one does not compile. */
export type Handlers = {
  readonly [N in CommandName]: (
    input: CommandInput<N>,
  ) => Promise<import('./failure').Reply<CommandOutput<N>>>
}
