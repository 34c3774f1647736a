import * as v from 'valibot'
import * as g from './grammar'
import { ModeName, Reach } from './mode'
import { AutostartWay, PreferencesChange } from './preferences'

/**
 * Everything the window and the tray may ask of the app: name → the schema of the input, and of those that start a
 * job, its kind. Both ends derive from these tables; a missing handler does not compile. Outcomes of long work
 * arrive in the snapshot, not in the reply.
 */

const jobId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))
const secret = v.pipe(v.string(), v.maxLength(4096))

/** What the person may set when adding; what is absent is found by looking and measuring. */
export const AddOptions = v.strictObject({
  id: v.optional(g.BuilderId),
  identityFile: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  protocol: v.optional(g.Protocol),
  /** The program on the builder that shows Nix, where it is not there for everybody. */
  wrapper: v.optional(g.ProgramName),
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
  /** A line of others as the snapshot names it; absent `id`: called after its host. */
  'adopt-builder': v.strictObject({ line: g.LineKey, id: v.optional(g.BuilderId) }),
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
  /** Takes back all that stands on this computer; what was made on builders stays there. */
  uninstall: v.strictObject({}),
  /** Puts the helper of this Millwright into its place; an administrator is asked. */
  'install-helper': v.strictObject({}),
  'set-mode': v.strictObject({ mode: ModeName, scope: Reach, on: v.boolean() }),
  /** Offers the builder first where it is not offered yet. */
  'use-substituter': v.strictObject({ id: g.BuilderId, scope: Reach, on: v.boolean() }),
  'withdraw-substituter': v.strictObject({ id: g.BuilderId }),
  'share-connection': v.strictObject({ id: g.BuilderId, on: v.boolean() }),
  /** Shows the key that the builder has now, and asks whether it is the right one. */
  'accept-host-key': v.strictObject({ id: g.BuilderId }),
  /** Renews the keys to a builder; the old ones are in force until the new ones are proven. */
  'rotate-key': v.strictObject({ id: g.BuilderId }),
  /** Asks on its way whether what would be freed may go. */
  'collect-garbage': v.strictObject({ id: g.BuilderId }),
  'get-series': v.strictObject({ id: g.BuilderId, span: v.picklist(['hour', 'day']) }),
  'set-preferences': PreferencesChange,
  'set-autostart': v.strictObject({ way: AutostartWay }),
  'look-around': v.strictObject({}),
  /** Root's handshake with each builder that others wrote, where root asks nobody for that. */
  'ping-unmanaged': v.strictObject({}),
  'copy-text': v.strictObject({ text: v.pipe(v.string(), v.maxLength(262_144)) }),
} as const
export type CommandName = keyof typeof commandInputs
export type CommandInput<N extends CommandName> = v.InferOutput<(typeof commandInputs)[N]>

/** A command with its input, as data. */
export type Call<N extends CommandName = CommandName> = {
  readonly [K in N]: { readonly name: K; readonly input: CommandInput<K> }
}[N]

/** Commands that start a job, with its kind; its row of words stands in `core/jobs/kinds.ts`. */
export const jobKinds = {
  'add-builder': 'add',
  'adopt-builder': 'adopt',
  'test-builder': 'test',
  'remove-builder': 'remove',
  'pause-builder': 'pause',
  'resume-builder': 'resume',
  'roll-back': 'rollback',
  uninstall: 'uninstall',
  'install-helper': 'install-helper',
  'set-mode': 'mode',
  'use-substituter': 'offer-substituter',
  'withdraw-substituter': 'withdraw-substituter',
  'share-connection': 'share',
  'collect-garbage': 'collect',
  'accept-host-key': 'accept-host-key',
  'rotate-key': 'rotate-key',
} as const satisfies Partial<Record<CommandName, string>>
export type JobCommand = keyof typeof jobKinds
/** Long work that the person watches: its steps, its questions, its end. */
export type JobKind = (typeof jobKinds)[JobCommand]
