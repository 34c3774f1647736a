import * as v from 'valibot'
import { BuilderSpec, Proof, RegisteredBuilder } from './builder'
import { DaemonView } from './daemon'
import * as g from './grammar'

/**
 * What the privileged helper understands: meanings, never paths, URIs or text. One JSON document on stdin,
 * NDJSON on stdout. Two executables hold one set of operations each.
 */

const generation = v.pipe(v.number(), v.integer(), v.minValue(0))
/** Fail with CONFLICT when the current generation is another; absent: whatever is current. */
const expected = { expectedGeneration: v.optional(generation) }

/** Low power: an active local session may call these without a password. */
export const SwitchRequest = v.variant('op', [
  v.strictObject({ op: v.literal('status') }),
  /** What the Nix daemon goes by, as root reads it: no more of others' files than which line decides. */
  v.strictObject({ op: v.literal('read-daemon') }),
  v.strictObject({ op: v.literal('set-enabled'), id: g.BuilderId, enabled: v.boolean(), ...expected }),
  /** The same for several at once, or for none of them. */
  v.strictObject({
    op: v.literal('set-many-enabled'),
    ids: v.pipe(v.array(g.BuilderId), v.minLength(1), v.maxLength(2000)),
    enabled: v.boolean(),
    ...expected,
  }),
  /** The daemon's own handshake with one approved builder, as root, with the daemon's exact ssh options. */
  v.strictObject({ op: v.literal('ping'), id: g.BuilderId }),
  /** The handshake, and beside it one fixed derivation that only this builder may take; works on a disabled one. */
  v.strictObject({ op: v.literal('prove'), id: g.BuilderId }),
  /** Proves a builder through its new key alone, and then has that take the old one's place; else the old one stays. */
  v.strictObject({ op: v.literal('use-new-key'), id: g.BuilderId }),
  /** Deletes a new key that is not in force; returns the public half of the one that is. */
  v.strictObject({ op: v.literal('drop-new-key'), id: g.BuilderId }),
  /** The handshake with a builder of a line that others wrote, which the daemon goes by and root itself reads. */
  v.strictObject({ op: v.literal('ping-line'), line: g.LineKey }),
])
export type SwitchRequest = v.InferOutput<typeof SwitchRequest>

/** May a first set-up restart the Nix daemon: only when no build runs, or in any case. */
const restart = { restartDaemon: v.picklist(['when-idle', 'always']) }

/** Needs an administrator each time. */
export const ConfigureRequest = v.variant('op', [
  /**
   * Registers or changes a builder: sets up on first use, makes root's key when there is none, returns its
   * public half. A new builder starts disabled, a known one keeps its state.
   */
  v.strictObject({ op: v.literal('put-builder'), builder: BuilderSpec, ...restart, ...expected }),
  /**
   * Makes a builder of a line that others wrote: same address, columns and key file. It counts only after a handshake by
   * our own stanza; then the line becomes a comment where it stands, which `remove-builder` gives back to the byte.
   */
  v.strictObject({
    op: v.literal('adopt-line'),
    line: g.LineKey,
    id: g.BuilderId,
    ...restart,
    ...expected,
  }),
  /**
   * Also deletes root's key; removing the last builder takes back the whole set-up. No restart: what the running
   * daemon still holds, a name of a machines file that is gone, means nothing to it.
   */
  v.strictObject({ op: v.literal('remove-builder'), id: g.BuilderId, ...expected }),
  /** Adds our lines again where somebody took them out, and restarts the daemon for them. */
  v.strictObject({ op: v.literal('put-back'), ...restart, ...expected }),
  v.strictObject({ op: v.literal('set-mode'), remoteOnly: v.boolean(), ...expected }),
  /** Offers a builder as substituter, to whoever wants it or to everyone; `offered` false takes it back. */
  v.strictObject({
    op: v.literal('set-substituter'),
    id: g.BuilderId,
    offered: v.boolean(),
    everyone: v.boolean(),
    /** Needed when `offered`. */
    publicKey: v.optional(g.SigningKey),
    ...restart,
    ...expected,
  }),
  /**
   * One held connection for the builds of a builder; kept on only when two handshakes and two builds have gone
   * through it. Fails with UNSUPPORTED, no-service-manager, where nothing can hold it.
   */
  v.strictObject({ op: v.literal('set-shared'), id: g.BuilderId, shared: v.boolean(), ...expected }),
  /** Makes a new key to a builder beside the one in force, unless there is one; returns its public half. */
  v.strictObject({ op: v.literal('make-new-key'), id: g.BuilderId, ...expected }),
  v.strictObject({ op: v.literal('rollback'), generation, ...expected }),
  /** Pins other host keys than before, which an administrator has accepted; it stays off until it is switched on. */
  v.strictObject({ op: v.literal('clear-quarantine'), id: g.BuilderId, hostKeys: g.HostKeys, ...expected }),
  /** Writes root's files as this helper writes them, after another version; where nothing is set up there is nothing to do. */
  v.strictObject({ op: v.literal('refresh') }),
  /** Takes everything back, also from files that nobody can read any more. */
  v.strictObject({ op: v.literal('uninstall') }),
])
export type ConfigureRequest = v.InferOutput<typeof ConfigureRequest>
export type HelperRequest = SwitchRequest | ConfigureRequest

const switchOps: ReadonlySet<string> = new Set(SwitchRequest.options.map(({ entries }) => entries.op.literal))

/** So many builders are tried at once (`ping`, `prove`): each is a process of root's, for up to minutes. */
export const mostTrialsAtOnce = 4

/** So many calls of `millwright-switch` are answered at once that polkit let in without a password. */
export const mostCallsAtOnce = 16

/** The executable that holds an operation. */
export function programOf(op: HelperRequest['op']): 'millwright-switch' | 'millwright-configure' {
  return switchOps.has(op) ? 'millwright-switch' : 'millwright-configure'
}

export const HelperCode = v.picklist([
  'OK',
  'INVALID',
  'CONFLICT',
  'LOCKED',
  'INSECURE_INSTALL',
  'ROLLED_BACK',
  'NEEDS_ATTENTION',
  'UNSUPPORTED',
])
export type HelperCode = v.InferOutput<typeof HelperCode>

/** Why the code is not OK, where the code alone leaves it open. */
export const HelperReason = v.picklist([
  'not-root',
  'not-json',
  'grammar',
  'no-such-builder',
  'machine-known',
  'no-such-generation',
  'no-new-key',
  'no-such-line',
  'line-not-adoptable',
  'quarantined',
  'rate-limited',
  'not-set-up',
  'state-newer',
  'unsafe-path',
  'validation-failed',
  'builds-running',
  'daemon-did-not-return',
  'nix-conf-broken',
  'machines-broken',
  'declarative',
  'root-file-declared',
  'no-nix',
  'single-user',
  'local-daemon-down',
  'daemon-unmanaged',
  'no-ssh',
  'ssh-config-broken',
  'disk-full',
  'read-only',
  'disk-broken',
  'too-many-files',
  'limits-held',
  'not-noted',
  'busy',
  'no-space',
  'unknown',
  'name-not-found',
  'name-unresolved',
  'unreachable',
  'connection-refused',
  'connection-lost',
  'hung-up',
  'not-ssh',
  'no-host-key-type',
  'no-common-algorithm',
  'host-key-changed',
  'host-key-unverified',
  'jump-blocked',
  'jump-host-key-changed',
  'login-refused',
  'no-signature-algorithm',
  'build-key-unusable',
  'logins-closed',
  'account-expired',
  'login-shell-shut',
  'daemon-ssh-options',
  'protocol-mismatch',
  'protocol-unsupported',
  'ping-failed',
  'remote-nix-gone',
  'remote-conf-broken',
  'remote-daemon-down',
  'remote-disk-full',
  'not-trusted',
  'not-allowed',
  'not-signed',
  'jobs-zero',
  'no-build-users',
  'build-refused',
  'build-failed',
  'built-elsewhere',
  'timed-out',
  'sharing-failed',
  'connection-in-use',
  'no-service-manager',
  'internal',
])
export type HelperReason = v.InferOutput<typeof HelperReason>

/** What a program said that gave the reason: the line, whole and cleaned, and what in it names something. */
export const Said = v.object({
  /** Who says just this, as `core/causes` knows it; absent: not known. */
  by: v.optional(v.string()),
  line: v.string(),
  facts: v.fallback(v.record(v.string(), v.string()), {}),
})
export type Said = v.InferOutput<typeof Said>

/** One file that Millwright owns or has added a line to, with what it holds (never a private key). */
export const OwnedFile = v.object({
  path: v.string(),
  mode: v.string(),
  /** `whole`: ours; `line`: somebody else's file with one line of ours, given in `content`. */
  owns: v.picklist(['whole', 'line']),
  content: v.optional(v.string()),
})
export type OwnedFile = v.InferOutput<typeof OwnedFile>

/** A line of a machines file that was there before us, or that Nix cannot read. */
export const ForeignMachines = v.object({
  path: v.string(),
  text: v.string(),
})

/** The helper's view of the system; made without elevation, by reading world-readable files. */
export const HelperStatus = v.object({
  version: v.string(),
  /** As in the hello line. */
  protocol: v.optional(v.number()),
  initialised: v.boolean(),
  generation: v.optional(generation),
  generations: v.array(v.object({ generation, at: v.string(), operation: v.string(), builders: v.number() })),
  remoteOnly: v.boolean(),
  builders: v.array(v.object(RegisteredBuilder.entries)),
  files: v.array(OwnedFile),
  foreign: v.array(ForeignMachines),
  /** A later line in nix.conf that undoes ours, a manifest that does not match …, in words for the person. */
  warnings: v.array(v.string()),
})
export type HelperStatus = v.InferOutput<typeof HelperStatus>

/**
 * One line of the helper's stdout. The first is `hello`, exactly one is `result`, and it is the last. What a later
 * helper says besides is passed over: only root's input is read strictly.
 */
export const HelperLine = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    transaction: v.string(),
    euid: v.number(),
    version: v.string(),
    /** Of `protocolVersions.helper`; a helper of the first version does not say it. */
    protocol: v.optional(v.number(), 1),
  }),
  v.object({ type: v.literal('step'), name: v.string() }),
  v.object({
    type: v.literal('result'),
    code: HelperCode,
    /** One that this program does not know says no more than the code. */
    reason: v.fallback(v.optional(HelperReason), undefined),
    /** One sentence and, where a program said it, its capped output. */
    detail: v.optional(v.string()),
    /** Which line of it gives the reason, or of those that give none says the most. */
    said: v.fallback(v.optional(Said), undefined),
    generation: v.optional(generation),
    publicKey: v.optional(v.string()),
    proof: v.optional(Proof),
    status: v.optional(HelperStatus),
    daemon: v.optional(DaemonView),
    /** `ping`: milliseconds from start to the daemon's answer. */
    latencyMs: v.optional(v.number()),
    /** In words, what went wrong beside a change that was made. */
    warning: v.optional(v.string()),
  }),
])
export type HelperLine = v.InferOutput<typeof HelperLine>
export type HelperResult = Extract<HelperLine, { type: 'result' }>
