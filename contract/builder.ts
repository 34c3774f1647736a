import * as v from 'valibot'
import * as g from './grammar'

/** A machine to go through first (ssh_config(5) ProxyJump), pinned like the builder itself. */
export const Jump = v.strictObject({ host: g.HostName, port: g.Port, user: g.UserName, hostKeys: g.HostKeys })
export type Jump = v.InferOutput<typeof Jump>

/** What root's files say of one builder: fields only, never a URI, a path or text. */
export const BuilderSpec = v.strictObject({
  id: g.BuilderId,
  host: g.HostName,
  port: g.Port,
  user: g.UserName,
  protocol: g.Protocol,
  systems: g.Systems,
  supportedFeatures: g.Features,
  mandatoryFeatures: g.Features,
  maxJobs: g.MaxJobs,
  speedFactor: g.SpeedFactor,
  hostKeys: g.HostKeys,
  jump: v.optional(Jump),
})
export type BuilderSpec = v.InferOutput<typeof BuilderSpec>

/**
 * One connection for many builds: `trying` while it is checked and builds do not use it yet, `on` once it has
 * passed, `failed` when it stopped working and was turned off by itself. Absent: a login for each build.
 */
export const Sharing = v.picklist(['trying', 'on', 'failed'])
export type Sharing = v.InferOutput<typeof Sharing>

/** A builder as the helper reports it. `enabled` false means: absent from the machines file. */
export const RegisteredBuilder = v.strictObject({
  ...BuilderSpec.entries,
  enabled: v.boolean(),
  /** Set when the host key changed; only an administrator clears it. */
  quarantined: v.boolean(),
  /** Set while it is offered as substituter: the key that signs its paths, `NAME:BASE64`. */
  substituter: v.optional(v.strictObject({ publicKey: g.SigningKey, everyone: v.boolean() })),
  sharing: v.optional(Sharing),
  /** The machines file of somebody else's that its line stood in, and goes back to; its key file is theirs too. */
  adoptedFrom: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  /** The public half of root's key to it, `TYPE BASE64`: on the builder it tells whose lines are this computer's. */
  buildKey: v.optional(g.PublicKeyText),
  /** The same of the one that is to take its place, while it has not built there yet. */
  nextBuildKey: v.optional(g.PublicKeyText),
})
export type RegisteredBuilder = v.InferOutput<typeof RegisteredBuilder>

/** The evidence that a builder works: a real derivation, built there, its output read back here. */
export const Proof = v.object({
  drvPath: v.string(),
  outPath: v.string(),
  /** The name of the host that ran the derivation, as written by the derivation itself. */
  builtOn: v.string(),
  durationMs: v.number(),
  /** ISO 8601 */
  at: v.string(),
})
export type Proof = v.InferOutput<typeof Proof>
