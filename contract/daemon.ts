import * as v from 'valibot'
import * as g from './grammar'

/** Why the daemon passes over builders that are on. */
export const InTheWayCause = v.picklist([
  /** Our line in nix.conf, or in nix.custom.conf, is gone. */
  'line-lost',
  /** It is in nix.custom.conf, which nix.conf does not include. */
  'custom-not-included',
  /** A later line, a variable or an option of the service says otherwise. */
  'overridden',
  /** The service reads its settings from another folder, where ours is not named. */
  'other-folder',
  /** Nix hands builds to another program than its own, which alone goes by the list of builders. */
  'other-hook',
  /** The service is kept from what its ssh needs: our files, root’s, the network, or ssh itself. */
  'shut-in',
  /** Nix cannot read its settings. */
  'conf-broken',
  /** Nix cannot read a machine in the list, and uses none of it. */
  'machines-broken',
  /** Root's ssh does not read our stanzas. */
  'ssh-line-lost',
  /** The files are right, and the running daemon has read them before they were. */
  'not-restarted',
])
export type InTheWayCause = v.InferOutput<typeof InTheWayCause>

export const InTheWay = v.object({
  /** One that this program does not know is shown by its place. */
  cause: v.fallback(InTheWayCause, 'overridden'),
  /** A file, or a variable or option of the service that is set in none. */
  file: v.string(),
  /** 1-based */
  line: v.optional(v.number()),
  /** What Nix or ssh said, where the caller may read what it is about. */
  said: v.optional(v.string()),
})
export type InTheWay = v.InferOutput<typeof InTheWay>

const words = v.pipe(v.array(v.string()), v.readonly())

/** A machine of a machines file, in its columns; what is absent is Nix's own default (machines.cc). */
export const OtherMachine = v.object({
  uri: v.string(),
  systems: v.optional(words),
  sshKey: v.optional(v.string()),
  maxJobs: v.number(),
  speedFactor: v.number(),
  supportedFeatures: words,
  mandatoryFeatures: words,
  publicHostKey: v.optional(v.string()),
})
export type OtherMachine = v.InferOutput<typeof OtherMachine>

/** A builder in the list that the daemon goes by which Millwright has not written. */
export const OtherLine = v.object({
  /** By which root finds this line again, as long as nothing of it changes; absent: root has not read it. */
  key: v.optional(g.LineKey),
  /** A file, or a variable or option of the service. */
  file: v.string(),
  /** 1-based; 0 where it stands in no file. */
  line: v.number(),
  /** The file is made by a rebuild: it lies in a store. */
  isDeclared: v.optional(v.boolean()),
  /** Absent: the file is not for the caller's eyes. */
  machine: v.optional(OtherMachine),
})
export type OtherLine = v.InferOutput<typeof OtherLine>

/** What the daemon goes by, as far as it concerns builders. */
export const DaemonView = v.object({
  /** Of the state that it was read beside; absent: nothing is set up. */
  generation: v.optional(v.number()),
  /** Read as root; else as far as the caller may read. */
  isWhole: v.boolean(),
  /** Our builders that are on, which it would send builds to. */
  used: v.array(g.BuilderId),
  /** Whether it would send builds to whichever builder of ours is switched on. */
  readsOurs: v.boolean(),
  inTheWay: v.optional(InTheWay),
  /** Where our list of machines is, as a value of `builders` names it. */
  list: v.optional(v.string()),
  /** Lines of others that offer the same machine. */
  alsoOffered: v.array(v.object({ id: g.BuilderId, file: v.string(), line: v.number() })),
  /** All lines of others, or the first of very many. An earlier helper does not tell. */
  others: v.optional(v.array(OtherLine)),
  /** The systems of all machines in its list, ours and others'. */
  systems: v.array(v.string()),
  /** It takes the caller's own `builders` for its own (nix.conf(5), trusted-users). */
  trustsCaller: v.boolean(),
})
export type DaemonView = v.InferOutput<typeof DaemonView>
