import { cleanText } from '../text/clean-text'
import { type Cause, findCause, type MessageRow, type Speaker } from './message'

/** What became of a way to root. */
export type RightsReason =
  | 'password-wrong'
  | 'not-allowed'
  | 'password-needed'
  | 'terminal-needed'
  | 'nobody-to-ask'
  | 'dismissed'
  | 'account-not-valid'
  | 'program-missing'
  /** The program itself cannot do its work here. */
  | 'unusable'

const row =
  (by: Speaker) =>
  (says: RegExp, reason: RightsReason): MessageRow<RightsReason> => ({ by, says, reason })
const [sudo, doas, su, polkit, systemd] = [row('sudo'), row('doas'), row('su'), row('polkit'), row('systemd')]

/**
 * What sudo 1.8 to 1.9.17 and sudo-rs, OpenDoas, su of shadow, util-linux and busybox, pkexec 0.105 to 128 and run0 say. What was
 * refused word by word comes before what was merely missing.
 */
const messages: readonly MessageRow<RightsReason>[] = [
  sudo(/^sudo: \d{1,3} incorrect password attempts?$/, 'password-wrong'),
  sudo(/^sudo(?:-rs)?: (?:Maximum )?\d{1,3} incorrect authentication attempts?$/, 'password-wrong'),
  sudo(/^sudo(?:-rs)?: Authentication failed, try again\.$/, 'password-wrong'),
  sudo(
    /^(?<user>\S{1,64}) is not in the sudoers file\.(?: {1,2}This incident (?:will be reported|has been reported to the administrator)\.)?$/,
    'not-allowed',
  ),
  sudo(
    /^(?<user>\S{1,64}) is not allowed to run sudo on \S{1,255}\.(?: {1,2}This incident (?:will be reported|has been reported to the administrator)\.)?$/,
    'not-allowed',
  ),
  sudo(
    /^Sorry, user (?<user>\S{1,64}) (?:is not allowed to execute '.{1,1000}' as \S{1,64} on \S{1,255}|may not run sudo on \S{1,255})\.$/,
    'not-allowed',
  ),
  sudo(/^(?:sudo(?:-rs)?: )?I'm sorry (?<user>\S{1,64})\. I'm afraid I can't do that$/, 'not-allowed'),
  sudo(
    /^sudo: (?:account validation failure, is your account locked\?|Account or password is expired, reset your password and try again|Account expired or PAM config lacks an "account" section for sudo, contact your system administrator)$/,
    'account-not-valid',
  ),
  sudo(/^sudo: sorry, you must have a tty to run sudo$/, 'terminal-needed'),
  sudo(
    /^sudo: (?:\S{1,300} must be owned by uid 0 and have the setuid bit set|effective uid is not 0, is .{1,300}\?|The "no new privileges" flag is set, which prevents sudo from running as root\.|\S{1,300} is (?:world writable|owned by uid \d{1,10}, should be 0|group writable)|no valid sudoers sources found, quitting|unable to initialize policy plugin|error initializing audit plugin sudoers_audit)$/,
    'unusable',
  ),
  sudo(/^sudo: a password is required$/, 'password-needed'),
  sudo(/^sudo: no tty present and no askpass program specified$/, 'password-needed'),
  sudo(
    /^sudo: a terminal is required to (?:read the password; either use (?:the -S option to read from standard input or configure an askpass helper|ssh's -t option or configure an askpass helper)|authenticate)$/,
    'password-needed',
  ),
  sudo(/^sudo(?:-rs)?: interactive authentication is required$/, 'password-needed'),
  doas(/^doas: Authentication failed$/, 'password-wrong'),
  doas(/^doas: Operation not permitted$/, 'not-allowed'),
  doas(/^doas: Authentication required$/, 'password-needed'),
  doas(/^doas: a tty is required$/, 'terminal-needed'),
  doas(
    /^doas: (?:doas is not enabled, \S{1,300}: No such file or directory|not installed setuid|\S{1,300} is (?:writable by group or other|not owned by root))$/,
    'unusable',
  ),
  su(/^(?:Password: )?su: Authentication failure$/, 'password-wrong'),
  su(
    /^(?:Password: )?su: (?:Permission denied|Authentication service cannot retrieve authentication info)$/,
    'not-allowed',
  ),
  su(/^su: incorrect password$/, 'password-wrong'),
  su(/^su: must be run from a terminal$/, 'terminal-needed'),
  su(/^su: (?:must be suid to work properly|cannot set groups: Operation not permitted)$/, 'unusable'),
  polkit(/^Error executing command as another user: Request dismissed$/, 'dismissed'),
  polkit(/^Error executing command as another user: Not authorized$/, 'not-allowed'),
  polkit(/^={4} AUTHENTICATION FAILED ={3,4}$/, 'not-allowed'),
  polkit(/^Error executing command as another user: No authentication agent found\.$/, 'nobody-to-ask'),
  polkit(/^Error creating textual authentication agent: .{1,400}$/, 'nobody-to-ask'),
  polkit(/^Error getting authority: .{1,600}$/, 'nobody-to-ask'),
  polkit(/^Error accessing (?<path>\/\S{1,400}): No such file or directory$/, 'program-missing'),
  polkit(/^pkexec must be setuid root$/, 'unusable'),
  systemd(
    /^Failed to start transient service unit: (?:Interactive authentication required\.|Access denied(?: as .{1,200})?)$/,
    'not-allowed',
  ),
]

/** Which way to root was closed, and how, by what it printed on stderr. Undefined: it is not known. */
export function whyNotRoot(stderr: string): Cause<RightsReason> | undefined {
  const lines = cleanText(stderr)
    .split('\n')
    .map((line) => ({ text: line.trim(), from: 'other' as const, isRemote: false }))
  return findCause(messages, lines)
}
