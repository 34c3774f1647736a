import type { HelperReason } from '../../contract/helper'
import type { MessageRow } from './message'

type Row = MessageRow<HelperReason>
const ssh = (says: RegExp, reason: HelperReason, more: Pick<Row, 'beside'> = {}): Row => ({
  by: 'ssh',
  says,
  reason,
  ...more,
})

/**
 * What ssh(1) says before anybody is logged in, OpenSSH 8.0 to 10.6 unless told otherwise (sshconnect.c, sshconnect2.c,
 * packet.c, kex.c, readconf.c). Its own configuration comes first, then the host key, then the login, then that the
 * connection ended, which says the least.
 */
export const sshBeforeLogin: readonly Row[] = [
  // Root's own guard, instead of a login (helper/guard/millwright-answers.sh).
  {
    by: 'Millwright',
    says: /^Millwright did not try (?<builder>[a-z][a-z0-9-]{0,31}): it did not answer \d{1,3} s ago\.$/,
    reason: 'unreachable',
  },
  {
    by: 'Millwright',
    says: /^Millwright did not try (?<builder>[a-z][a-z0-9-]{0,31}): \S{1,255} did not answer \d{1,3} s ago\.$/,
    reason: 'jump-blocked',
  },
  ssh(/^(?<path>\/\S{1,400}?):? line (?<line>\d{1,7}): (?<said>\S.{0,300})$/, 'ssh-config-broken', {
    beside: /^\/\S+: terminating, \d+ bad configuration options$/,
  }),
  ssh(/^Bad owner or permissions on (?<path>\/\S{1,400})$/, 'ssh-config-broken'),
  // The only two lines that say so of a pinned key, each beside "Host key verification failed.".
  ssh(
    /^Host key for (?<alias>\S{1,255}) has changed and you have requested strict checking\.$/,
    'host-key-changed',
    { beside: /^@ {4}WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! {5}@$/ },
  ),
  ssh(
    /^No \S{2,20} host key is known for (?<alias>\S{1,255}) and you have requested strict checking\.$/,
    'host-key-changed',
    { beside: /^Host key verification failed\.$/ },
  ),
  ssh(
    /^Unable to negotiate with (?<address>\S{1,255}) port (?<port>\d{1,5}): no matching host key type found\. Their offer: (?<offer>\S{1,1000})$/,
    'no-host-key-type',
  ),
  ssh(
    /^Unable to negotiate with (?<address>\S{1,255}) port (?<port>\d{1,5}): no matching (?<kind>key exchange method|cipher|MAC|compression method) found\. Their offer: (?<offer>\S{1,1000})$/,
    'no-common-algorithm',
  ),
  ssh(/^Host key verification failed\.$/, 'host-key-unverified'),
  // 8.2 to 8.7; from 8.8 on only with -v, and then the next row but three is all there is.
  ssh(
    /^(?:sign_and_send_pubkey|send_pubkey_test): no mutual signature (?:supported|algorithm)$/,
    'no-signature-algorithm',
    { beside: /^\S+: Permission denied \([\w,-]+\)\.$/ },
  ),
  ssh(/^Load key "(?<path>\/[^"]{1,400})": (?<said>[A-Za-z].{0,100})$/, 'build-key-unusable', {
    beside: /^\S+: Permission denied \([\w,-]+\)\.$/,
  }),
  ssh(/^no such identity: (?<path>\/\S{1,400}): (?<said>No such file or directory)$/, 'build-key-unusable', {
    beside: /^\S+: Permission denied \([\w,-]+\)\.$/,
  }),
  ssh(/^Permissions 0\d{3} for '(?<path>\/[^']{1,400})' are too open\.$/, 'build-key-unusable', {
    beside: /^@ +WARNING: UNPROTECTED PRIVATE KEY FILE! +@$/,
  }),
  ssh(
    /^(?<user>[^@\s]{1,64})@(?<host>\S{1,255}): Permission denied \((?<methods>[\w,-]{1,200})\)\.$/,
    'login-refused',
  ),
  ssh(
    /^Received disconnect from (?<address>\S{1,255}) port (?<port>\d{1,5}):2: (?<said>Too many authentication failures)(?: for \S+)?$/,
    'login-refused',
  ),
  // systemd-user-sessions(8) and its tmpfiles write exactly this, with the quotes; pam_nologin(8) shows it.
  {
    by: 'login',
    says: /^"?(?<said>System is (?:booting up|going down)\. Unprivileged users are not permitted to log in (?:yet|anymore)\. (?:Please come back later\. )?For technical details, see pam_nologin\(8\)\.)"?$/,
    reason: 'logins-closed',
    beside: /^Connection (?:closed|reset) by \S+ port \d+$/,
  },
  // pam_unix(8) of an account that has ended, and of a password that has to be changed first.
  {
    by: 'login',
    says: /^(?<said>Your account has expired; please contact your system administrator\.|You are required to change your password immediately \([a-z ]{1,40}\)\.|WARNING: Your password has expired\.|Password change required but no TTY available\.)$/,
    reason: 'account-expired',
  },
  // That nobody could be asked (gai_strerror(3): EAI_AGAIN of glibc and musl, EAI_FAIL, EAI_SYSTEM) says nothing of the name.
  ssh(
    /^ssh: Could not resolve hostname (?<host>\S{1,255}): (?<said>Temporary failure in name resolution|Try again|Non-recoverable failure in name resolution|Unrecoverable error|System error)$/,
    'name-unresolved',
  ),
  ssh(/^ssh: Could not resolve hostname (?<host>\S{1,255}): (?<said>\S.{0,100})$/, 'name-not-found'),
  ssh(
    /^ssh: connect to host (?<host>\S{1,255}) port (?<port>\d{1,5}): (?<said>Connection refused)$/,
    'connection-refused',
  ),
  ssh(
    /^ssh: connect to host (?<host>\S{1,255}) port (?<port>\d{1,5}): (?<said>Connection timed out|Operation timed out|No route to host|Network is unreachable|Host is down|Network is down)$/,
    'unreachable',
  ),
  ssh(/^(?<said>Connection timed out during banner exchange)$/, 'unreachable'),
  ssh(
    /^kex_exchange_identification: (?<said>banner line contains invalid characters|banner line too long|No SSH version received .{0,60})$/,
    'not-ssh',
  ),
]

/** That the SSH server hung up is all that is known: MaxStartups, penalties and PAM all look like this from outside. */
export const sshHungUp: readonly Row[] = [
  ssh(/^Connection (?:closed|reset) by (?<address>\S{1,255}) port (?<port>\d{1,5})$/, 'hung-up'),
  ssh(
    /^(?:kex_exchange_identification|ssh_exchange_identification|ssh_dispatch_run_fatal): (?:read: )?Connection (?:closed by remote host|reset by peer)$/,
    'hung-up',
  ),
  // After the login.
  ssh(/^Connection to (?<host>\S{1,255}) closed by remote host\.$/, 'connection-lost'),
  ssh(/^Timeout, server (?<host>\S{1,255}) not responding\.$/, 'connection-lost'),
  ssh(/^client_loop: send disconnect: (?:Broken pipe|Connection reset by peer)$/, 'connection-lost'),
]

/** What is said of the machine in between, or by it of the way on; the target was not reached. */
export const sshThroughJump: readonly Row[] = [
  ssh(
    /^channel \d+: open failed: (?<said>(?:connect failed|administratively prohibited|unknown channel type|resource shortage): .{0,200})$/,
    'jump-blocked',
    { beside: /^stdio forwarding failed$/ },
  ),
]
