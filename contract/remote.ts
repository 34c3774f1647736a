import * as v from 'valibot'
import * as g from './grammar'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A path that needs no quoting anywhere: not in a shell, not in authorized_keys, not in nix.conf. */
export const AbsolutePath = v.pipe(v.string(), v.maxLength(400), v.regex(/^\/[A-Za-z0-9._/+-]*$/))

const NixUsersLine = v.pipe(
  v.string(),
  v.maxLength(1000),
  v.regex(/^((extra-)?trusted-users =( [@A-Za-z0-9._*$-]+)+)?$/),
)

const wayKinds = ['nix-user-chroot', 'bwrap', 'proot', 'nix-portable', 'wrapper'] as const

/** The program that shows a Nix which without it nobody there can see. */
export const WayIn = v.object({
  /** Which one; `wrapper`: one of the machine's own, that runs what it is given. */
  kind: v.picklist(wayKinds),
  program: AbsolutePath,
  /** The folder that becomes /nix; empty where the program knows it. */
  store: v.union([v.literal(''), AbsolutePath]),
})
export type WayIn = v.InferOutput<typeof WayIn>

const rootWays = [
  ...(['is-root', 'sudo-free', 'doas', 'sudo-password', 'doas-password'] as const),
  ...(['sudo-unsure', 'sudo-terminal', 'su', 'none'] as const),
] as const

/**
 * What one read-only look at a machine found. Made by `remote/inspect.sh`; hostile until parsed. Not strict, nor is
 * what else stands here: a record of another version may say more.
 */
export const RemoteFacts = v.object({
  hostName: v.string(),
  user: v.string(),
  uid: count,
  groups: v.array(v.string()),
  home: v.string(),
  /** `linux` or `darwin`, else what uname(1) -s said, in lower case. */
  kernel: v.string(),
  architecture: v.string(),
  /** PRETTY_NAME of os-release(5), or the product name of macOS. */
  osName: v.string(),
  /** `nixos` | `nix-darwin`, where a rebuild owns the configuration. */
  declarative: v.optional(v.picklist(['nixos', 'nix-darwin'])),
  init: v.picklist(['systemd', 'launchd', 'openrc', 'runit', 'other']),
  bootId: v.optional(v.string()),
  /** A hash of machine-id(5): the same wherever a disk was copied. */
  machineId: v.optional(v.string()),
  nix: v.optional(
    v.object({
      /** Whole line of `nix --version` or `nix-store --version`. */
      version: v.string(),
      /** What was said instead, where that is nothing. Earlier versions did not listen. */
      versionError: v.optional(v.string()),
      kind: v.picklist(['multi-user', 'single-user']),
      /** The owner of the store in a single-user install. */
      storeOwner: v.string(),
      /** Directory of `nix-store` and `nix-daemon`, absolute. */
      binDir: v.string(),
      /** The first folder above its programs that is not root's, in words; absent where all are, or need not be. */
      notRoots: v.optional(v.string()),
      /** What can restart the daemon; `none` where somebody started it by hand. Earlier versions did not look. */
      daemonManager: v.optional(
        v.picklist(['systemd', 'openrc', 'runit', 's6', 'dinit', 'sysv', 'launchd', 'none']),
      ),
      /** Whether a non-interactive shell finds `nix-store` by itself. */
      onPath: v.boolean(),
      system: v.string(),
      extraPlatforms: v.array(v.string()),
      systemFeatures: v.array(v.string()),
      trustedUsers: v.array(v.string()),
      allowedUsers: v.array(v.string()),
      confDir: v.string(),
      /** The file that may get an include line: `nix.conf`, or `nix.custom.conf` where an installer owns that. */
      confFile: v.string(),
      /** The group that may talk to the daemon, where not everybody may (Debian: `nix-users`). */
      socketGroup: v.optional(v.string()),
      daemonRunning: v.boolean(),
      /** What Nix says when it cannot read its own configuration. */
      confError: v.optional(v.string()),
    }),
  ),
  cpus: count,
  memoryBytes: count,
  storeFreeBytes: count,
  kvm: v.boolean(),
  /**
   * The best way to root. `sudo-unsure`: sudo asks for a password before it says whether it lets this login; the same
   * is true of `sudo-terminal`, where it does so on a terminal only, and of `su`, which asks for root's.
   */
  root: v.picklist(rootWays),
  /** Whose password becoming root takes, where sudo has asked for another's than that of the login. */
  passwordOwner: v.optional(v.string()),
  runningBuilds: count,
  /** Rounds of fixed work done in a set time; compared with the same measure here for the speed factor. */
  speedScore: v.optional(v.number()),
  /** Text that its shell start-up files print on stdout; breaks Nix's handshake. */
  noise: v.optional(v.string()),
  /** Whose /nix is, where it holds a store and no Nix to it was found. */
  storeWithoutNix: v.optional(v.string()),
  /** The ways to a Nix that were seen there, where none is to be had without; the best first. Earlier versions did not look. */
  waysIn: v.optional(v.array(WayIn)),
  /** The way by which `nix` was found. */
  wayIn: v.optional(WayIn),
  /** What was said on the last one that led to none. */
  wayInSaid: v.optional(v.string()),
  /** The program that the person named as the way, where it is not there. */
  wrapperMissing: v.optional(v.string()),
  /** The shell of the login, by its path. */
  loginShell: v.optional(v.string()),
  /** SSH_CONNECTION of the look: our address and port, then its own (ssh(1), ENVIRONMENT). */
  sshConnection: v.optional(v.string()),
  /** `uname -s` as it stands. Earlier versions did not keep it. */
  kernelName: v.optional(v.string()),
  /** What the SSH server that let us in would do with builds; absent where that could not be read. */
  sshd: v.optional(
    v.object({
      /** Where logins from this computer come from, in its eyes; `host` is its name for that where it looks names up. */
      address: v.string(),
      host: v.string(),
      /** It is none of OpenSSH's: nothing of sshd_config(5) counts. */
      isAnother: v.boolean(),
      /** For each user that builds may log in as what `sshd -T -C` says; the names in lower case. */
      settings: v.array(v.object({ user: v.string(), name: v.string(), values: v.array(v.string()) })),
    }),
  ),
  /** Why not, in the words of what could not read it. */
  sshdUnread: v.optional(v.string()),
  /** The rules of access.conf(5), where sshd's PAM asks them. */
  pamAccess: v.optional(v.array(v.string())),
  /** Of the folders that the scripts for builds may lie in those on a file system where nothing can be run. */
  noexec: v.optional(v.array(v.string())),
  /** As whom sshd would take no key with StrictModes, and why. */
  keysUnsafe: v.optional(v.array(v.object({ user: v.string(), reason: v.string() }))),
  /** What nologin(5) says there, while it keeps everybody but root out. */
  nologin: v.optional(v.string()),
  /** Login names that Millwright would give its user, where they are taken, with their homes. */
  accounts: v.array(v.object({ name: v.string(), home: v.string() })),
  /** Millwright's key lines there, of this or another installation; `key` is the blob in Base64. */
  keys: v.array(
    v.object({
      install: v.string(),
      role: v.string(),
      key: v.string(),
      /** Which builder of that installation's; lines of earlier versions name none. */
      builder: v.optional(v.string()),
    }),
  ),
  /** Which of Millwright's scripts are installed, by their folder. */
  scripts: v.array(v.object({ base: v.string(), hash: v.string() })),
  /** Lines of Millwright's nix.conf fragment there. */
  fragment: v.array(v.string()),
})
export type RemoteFacts = v.InferOutput<typeof RemoteFacts>

/** One thing that will be changed, as the person reads it before it happens. */
export const PlanChange = v.object({
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
export const Derived = v.object({ name: v.string(), value: v.string(), how: v.string() })
export type Derived = v.InferOutput<typeof Derived>

/** What provisioning gave a builder, kept for taking it back: values of the scripts' parameters, flat. */
export const ProvisionParameters = v.object({
  /** `dedicated`: a user of Millwright's own, made by root. `own`: an existing user, in its own home. */
  mode: v.picklist(['dedicated', 'own']),
  /** Who runs the scripts there: root, whoever logs in, or root on behalf of `user` (the store's owner). */
  run_as: v.picklist(['root', 'login', 'owner']),
  install: g.InstallId,
  /** Its id; empty in what an earlier Millwright wrote. */
  builder: v.optional(v.union([v.literal(''), g.BuilderId]), ''),
  user: g.UserName,
  nix_bin: AbsolutePath,
  conf_file: AbsolutePath,
  /** A whole line of nix.conf, or empty. */
  trust: NixUsersLine,
  /** May be empty. */
  socket_group: v.union([v.literal(''), g.UserName]),
  /** `TYPE BASE64`, or empty. */
  monitor_key: v.union([v.literal(''), g.PublicKeyText]),
  /** The same; builders that an earlier Millwright set up have none. */
  collect_key: v.optional(v.union([v.literal(''), g.PublicKeyText]), ''),
  /** How the scripts get to Nix (`WayIn`); empty where everybody sees it. */
  way_in: v.optional(v.union([v.literal(''), v.picklist(wayKinds)]), ''),
  way_program: v.optional(v.union([v.literal(''), AbsolutePath]), ''),
  way_store: v.optional(v.union([v.literal(''), AbsolutePath]), ''),
  /** Tells the installed scripts from those of another Millwright. */
  scripts_hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
})
export type ProvisionParameters = v.InferOutput<typeof ProvisionParameters>

/** What the person approves, and then exactly what runs. */
export const Plan = v.object({
  changes: v.array(PlanChange),
  derived: v.array(Derived),
  /** One sentence of consent each, such as what a trusted user may do there. */
  consents: v.array(v.string()),
  /** The script that will run there, to be read. */
  script: v.string(),
})
export type Plan = v.InferOutput<typeof Plan>
