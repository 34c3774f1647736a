import * as v from 'valibot'

/**
 * The grammars of every value that may cross into root or onto a builder. They are enforced again in the
 * helper itself; a value that passes can be put into a machines file, an ssh_config stanza or a shell word
 * without quoting changing its meaning.
 */

/** Whether a value is of a grammar, for those who do not know the schema library. */
export const isValid = v.is

/** A builder's id: also its ssh alias (`millwright-ID`) and the name of root's key file. */
export const BuilderId = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/))

/**
 * The name of a login or of a group: what the useradd(8) of Debian, Fedora and the rest accept between them, dots,
 * capitals and a last `$` too. Never a bare number, which chown(1) and su(1) read as an id.
 */
export const UserName = v.pipe(v.string(), v.regex(/^(?!\d+\$?$)[A-Za-z0-9_][A-Za-z0-9._-]{0,62}\$?$/))

export const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))

const dnsName =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/
// Without a zone (`%eth0`): a percent sign in an ssh_config value is a token to expand, or an error for all.
const ipv6 = v.pipe(v.string(), v.regex(/^[0-9A-Fa-f:.]+$/), v.ipv6())

/**
 * A DNS name or an IP literal (IPv6 without brackets). Never `localhost`, in any case: Nix runs a builder of
 * that name as a local shell, as root (ssh.cc).
 */
export const HostName = v.pipe(
  v.string(),
  v.maxLength(253),
  v.check((host) => dnsName.test(host) || v.is(ipv6, host), 'not a DNS name or an IP address'),
  v.check((host) => !/^localhost\.?$/i.test(host), 'localhost cannot be a builder'),
)

/** A Nix system double, such as `x86_64-linux`. */
export const SystemName = v.pipe(v.string(), v.regex(/^[a-z0-9_]+-[a-z0-9]+$/), v.maxLength(40))
export const Systems = v.pipe(v.array(SystemName), v.minLength(1), v.maxLength(16))

/** A Nix system feature, such as `big-parallel`. */
export const FeatureName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/))
export const Features = v.pipe(v.array(FeatureName), v.maxLength(32))

/** Builds at once on one builder: the fourth column of a machines file. */
export const MaxJobs = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024))

/** How fast against other builders; an integer, because Nix before 2.20 reads nothing else. */
export const SpeedFactor = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))

/** A program on a builder, by its name alone. */
export const ProgramName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/))

/** `ssh-ng` speaks the daemon's protocol, `ssh` the older serve protocol. */
export const Protocol = v.picklist(['ssh-ng', 'ssh'])
export type Protocol = v.InferOutput<typeof Protocol>

export const HostKeyType = v.picklist([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
])

/**
 * A public key as in a `.pub` file, without the comment. That the blob's inner type equals `type`, and that
 * an RSA modulus has 2048 bits or more, is `core/ssh/public-key.ts`'s to check: it needs the decoded bytes.
 */
export const PublicKey = v.strictObject({
  type: HostKeyType,
  key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{40,2800}={0,2}$/)),
})
export type PublicKey = v.InferOutput<typeof PublicKey>

/** `ssh-ed25519 AAAA…`, without a comment: a key of our own making. */
export const PublicKeyText = v.pipe(v.string(), v.regex(/^ssh-ed25519 [A-Za-z0-9+/]{40,100}={0,2}$/))

/** `SHA256:…` as ssh-keygen(1) -l prints it. */
export const Fingerprint = v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/))

export const HostKeys = v.pipe(v.array(PublicKey), v.minLength(1), v.maxLength(8))

/** The public half of a key that signs store paths: `NAME:BASE64`, 32 bytes (nix-store(1)). */
export const SigningKey = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,100}:[A-Za-z0-9+/]{43}=$/))

/** What the helper knows a line of a machines file by: a digest of its place and its columns. */
export const LineKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** Eight hex digits that tell this installation's key lines on a builder from another's. */
export const InstallId = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))
