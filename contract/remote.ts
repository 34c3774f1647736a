import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What one read-only look at a machine found. Made by `remote/inspect.sh`; hostile until parsed. */
export const RemoteFacts = v.strictObject({
  hostName: v.string(),
  user: v.string(),
  uid: count,
  /** `linux` or `darwin`, else what uname(1) -s said, in lower case. */
  kernel: v.string(),
  architecture: v.string(),
  /** PRETTY_NAME of os-release(5), or the product name of macOS. */
  osName: v.string(),
  /** `nixos` | `nix-darwin`, where a rebuild owns the configuration. */
  declarative: v.optional(v.picklist(['nixos', 'nix-darwin'])),
  init: v.picklist(['systemd', 'launchd', 'openrc', 'runit', 'other']),
  bootId: v.optional(v.string()),
  nix: v.optional(
    v.strictObject({
      /** Whole line of `nix --version` or `nix-store --version`. */
      version: v.string(),
      kind: v.picklist(['multi-user', 'single-user']),
      /** The owner of the store in a single-user install. */
      storeOwner: v.string(),
      /** Directory of `nix-store` and `nix-daemon`, absolute. */
      binDir: v.string(),
      /** Whether a non-interactive shell finds `nix-store` by itself. */
      onPath: v.boolean(),
      system: v.string(),
      extraPlatforms: v.array(v.string()),
      systemFeatures: v.array(v.string()),
      trustedUsers: v.array(v.string()),
      allowedUsers: v.array(v.string()),
      confDir: v.string(),
      daemonRunning: v.boolean(),
      /** What Nix says when it cannot read its own configuration. */
      confError: v.optional(v.string()),
    }),
  ),
  cpus: count,
  memoryBytes: count,
  storeFreeBytes: count,
  kvm: v.boolean(),
  /** Ways to root, the best first. */
  root: v.picklist(['is-root', 'sudo-free', 'sudo-password', 'doas', 'none']),
  runningBuilds: count,
  /** Rounds of fixed work done in a set time; compared with the same measure here for the speed factor. */
  speedScore: v.optional(v.number()),
  /** Text that its shell start-up files print on stdout; breaks Nix's handshake. */
  noise: v.optional(v.string()),
  sshdUsesPam: v.optional(v.boolean()),
  /** Millwright's own state there, of an earlier or other installation: ids of installs. */
  installs: v.array(v.string()),
})
export type RemoteFacts = v.InferOutput<typeof RemoteFacts>

/** One thing that will be changed, as the person reads it before it happens. */
export const PlanChange = v.strictObject({
  where: v.picklist(['remote', 'local']),
  /** A sentence: what and why. */
  what: v.string(),
  /** The file, user or service it touches. */
  target: v.string(),
  /** How it is taken back. */
  undo: v.string(),
})
export type PlanChange = v.InferOutput<typeof PlanChange>

/** A value that was found or measured, with how. */
export const Derived = v.strictObject({ name: v.string(), value: v.string(), how: v.string() })
export type Derived = v.InferOutput<typeof Derived>

/** What the person approves, and then exactly what runs. */
export const Plan = v.strictObject({
  changes: v.array(PlanChange),
  derived: v.array(Derived),
  /** One sentence of consent each, such as what a trusted user may do there. */
  consents: v.array(v.string()),
  /** The script that will run there, to be read. */
  script: v.string(),
})
export type Plan = v.InferOutput<typeof Plan>
