import type { RemoteFacts } from '../../contract/remote'
import { whatAccessRefuses } from './pam-access'
import { type Comer, matchesPattern, matchesUserPattern } from './sshd-patterns'

type Sshd = NonNullable<RemoteFacts['sshd']>

/** Who would log in: what decides of them besides their name and where they come from, as far as it is known. */
export interface Visitor extends Comer {
  readonly groups?: readonly string[]
  readonly home?: string
}

/** Keys of ours are of this kind alone (`PublicKeyText`). */
const keyType = 'ssh-ed25519'

/**
 * The setting of sshd_config(5) for which builds could not log in as a user or nothing of theirs would run, with its
 * value, as a sentence goes on; undefined when none is known. Settings that nobody knows yet decide nothing.
 */
export function whatSshdRefuses(
  { sshd, pamAccess = [], keysUnsafe = [] }: Pick<RemoteFacts, 'sshd' | 'pamAccess' | 'keysUnsafe'>,
  who: Omit<Visitor, 'address' | 'host'>,
): string | undefined {
  const of = sshd && settingsOf(sshd, who.user)
  if (!sshd || !of) return undefined
  const visitor = { address: sshd.address, host: sshd.host, ...who }
  const reason = firstReason([...loginRules, ...accountRules, ...commandRules], of, visitor)
  return reason ?? whatStrictModesRefuse(keysUnsafe, of, visitor) ?? whatPamRefuses(pamAccess, of, visitor)
}

/** Whether logins as that user go through PAM; undefined where nobody could ask sshd. */
export function usesPam(
  { sshd }: Pick<RemoteFacts, 'sshd'>,
  { user }: Pick<Comer, 'user'>,
): boolean | undefined {
  const [said] = (sshd && settingsOf(sshd, user))?.('usepam') ?? []
  return said === undefined ? undefined : said === 'yes'
}

function whatStrictModesRefuse(
  unsafe: NonNullable<RemoteFacts['keysUnsafe']>,
  of: Settings,
  { user }: Visitor,
): string | undefined {
  const found = unsafe.find((one) => one.user === user)
  if (!found || of('strictmodes')[0] !== 'yes') return undefined
  return `“StrictModes yes” takes no key of ${user} while ${found.reason}`
}

function firstReason(rules: readonly Rule[], of: Settings, visitor: Visitor): string | undefined {
  for (const rule of rules) {
    const reason = rule(of, visitor)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** pam_access(8), where sshd goes through it. */
function whatPamRefuses(
  rules: readonly string[],
  of: Settings,
  { groups, ...visitor }: Visitor,
): string | undefined {
  if (of('usepam')[0] !== 'yes' || !groups) return undefined
  const rule = whatAccessRefuses(rules, { ...visitor, groups })
  return (
    rule &&
    `“UsePAM yes” has pam_access ask /etc/security/access.conf, where “${rule}” keeps ${visitor.user} out`
  )
}

/**
 * The same for root's key on a machine in between, by which builds go through to TARGET (`HOST:PORT`): it forwards one
 * connection and runs nothing.
 */
export function whatJumpHostRefuses(
  { sshd }: Pick<RemoteFacts, 'sshd'>,
  who: Omit<Visitor, 'address' | 'host'>,
  target: string,
): string | undefined {
  const of = sshd && settingsOf(sshd, who.user)
  if (!sshd || !of) return undefined
  const visitor = { address: sshd.address, host: sshd.host, ...who }
  return firstReason([...loginRules, ...accountRules, ...forwardingRules(target)], of, visitor)
}

/** Whether what sshd would do with builds is known. */
export function isSshdKnown({ sshd }: Pick<RemoteFacts, 'sshd'>, { user }: Pick<Comer, 'user'>): boolean {
  return sshd !== undefined && (sshd.isAnother || settingsOf(sshd, user) !== undefined)
}

/** The words of a setting by its name in lower case; none when it is not set. */
type Settings = (name: string) => readonly string[]

function settingsOf({ settings }: Sshd, user: string): Settings | undefined {
  const own = settings.filter((one) => one.user === user)
  if (own.length === 0) return undefined
  return (name) => own.filter((one) => one.name === name).flatMap(({ values }) => values)
}

type Rule = (of: Settings, visitor: Visitor) => string | undefined

/** As sshd_config(5) spells it. */
const spelling: Readonly<Record<string, string>> = {
  allowgroups: 'AllowGroups',
  allowusers: 'AllowUsers',
  authenticationmethods: 'AuthenticationMethods',
  allowtcpforwarding: 'AllowTcpForwarding',
  authorizedkeysfile: 'AuthorizedKeysFile',
  chrootdirectory: 'ChrootDirectory',
  denygroups: 'DenyGroups',
  denyusers: 'DenyUsers',
  disableforwarding: 'DisableForwarding',
  forcecommand: 'ForceCommand',
  maxsessions: 'MaxSessions',
  permitopen: 'PermitOpen',
  pubkeyacceptedalgorithms: 'PubkeyAcceptedAlgorithms',
  pubkeyacceptedkeytypes: 'PubkeyAcceptedKeyTypes',
  pubkeyauthentication: 'PubkeyAuthentication',
  refuseconnection: 'RefuseConnection',
}

function says(of: Settings, name: string, consequence: string): string {
  const words = of(name).join(' ')
  const value = words.length > 100 ? `${words.slice(0, 99)}…` : words
  return `“${spelling[name] ?? name} ${value}” ${consequence}`
}

const isNone = (words: readonly string[]) => words.length === 0 || words[0] === 'none'

/** A yes or no that refuses whoever comes. */
const refusesAll =
  (name: string, value: string): Rule =>
  (of) =>
    of(name)[0] === value ? says(of, name, 'refuses every key') : undefined

const loginRules: readonly Rule[] = [
  refusesAll('refuseconnection', 'yes'),
  refusesAll('pubkeyauthentication', 'no'),
  (of, { user }) => {
    // Each word is a list that must be gone through whole; one key can do no more than `publickey` alone.
    const ways = of('authenticationmethods')
    if (isNone(ways) || ways.some((way) => way === 'any' || way === 'publickey')) return undefined
    return says(of, 'authenticationmethods', `asks more of ${user} than a key`)
  },
  ...['pubkeyacceptedalgorithms', 'pubkeyacceptedkeytypes'].map(
    (name): Rule =>
      (of) => {
        const accepted = of(name).join(',').split(',').filter(Boolean)
        const isAccepted = accepted.length === 0 || accepted.some((one) => matchesPattern(keyType, one))
        return isAccepted
          ? undefined
          : says(of, name, `leaves out ${keyType}, of which the keys of builds are`)
      },
  ),
  (of, visitor) =>
    of('denyusers').some((pattern) => matchesUserPattern(visitor, pattern))
      ? says(of, 'denyusers', `names ${visitor.user}`)
      : undefined,
  (of, visitor) =>
    of('allowusers').length > 0 && !of('allowusers').some((pattern) => matchesUserPattern(visitor, pattern))
      ? says(of, 'allowusers', `does not name ${visitor.user} from ${visitor.address}`)
      : undefined,
]

const accountRules: readonly Rule[] = [
  (of, { user, groups = [] }) =>
    groups.some((group) => of('denygroups').some((pattern) => matchesPattern(group, pattern)))
      ? says(of, 'denygroups', `names a group of ${user}`)
      : undefined,
  (of, { user, groups }) =>
    groups !== undefined &&
    of('allowgroups').length > 0 &&
    !groups.some((group) => of('allowgroups').some((pattern) => matchesPattern(group, pattern)))
      ? says(of, 'allowgroups', `names no group of ${user}`)
      : undefined,
  (of, { user, home }) => {
    if (home === undefined) return undefined
    const files = of('authorizedkeysfile')
    const keys = `${home}/.ssh/authorized_keys`
    const resolve = (file: string) => {
      const path = file.replace(/%[%hu]/g, (token) => ({ '%%': '%', '%h': home, '%u': user })[token] ?? token)
      return path.startsWith('/') ? path : `${home}/${path}`
    }
    const isRead = files.length === 0 || files.some((file) => resolve(file) === keys)
    return isRead ? undefined : says(of, 'authorizedkeysfile', `leaves out ${keys}`)
  },
]

const commandRules: readonly Rule[] = [
  (of) =>
    isNone(of('forcecommand'))
      ? undefined
      : says(of, 'forcecommand', 'runs in the place of what builds ask for'),
  (of) =>
    isNone(of('chrootdirectory'))
      ? undefined
      : says(of, 'chrootdirectory', 'hides Nix and the scripts from builds'),
  (of) => (of('maxsessions')[0] === '0' ? says(of, 'maxsessions', 'lets no command run') : undefined),
]

const forwardingRules = (target: string): readonly Rule[] => [
  (of) =>
    of('disableforwarding')[0] === 'yes' ? says(of, 'disableforwarding', 'lets nothing through') : undefined,
  (of) =>
    ['no', 'remote'].includes(of('allowtcpforwarding')[0] ?? '')
      ? says(of, 'allowtcpforwarding', 'lets nothing through')
      : undefined,
  (of) => {
    const open = of('permitopen')
    const isOpen = open.length === 0 || open[0] === 'any' || open.some((one) => matchesPattern(target, one))
    return isOpen ? undefined : says(of, 'permitopen', `does not name ${target}`)
  },
]
