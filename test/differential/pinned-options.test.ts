import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addFirstInclude } from '../../core/ssh/ssh-config'
import { anna, otto } from './builders'
import { temporaryFolder } from './programs'
import { configFor, generations, readBy } from './ssh-generations'

/** What somebody may have set for all hosts, one option at a time, so that it differs from what we say. */
const hostile: readonly (readonly [name: string, value: string])[] = [
  ['AddKeysToAgent', 'yes'],
  ['BatchMode', 'no'],
  ['CanonicalizeHostname', 'always'],
  ['ChannelTimeout', 'session=5m'],
  ['CheckHostIP', 'yes'],
  ['Ciphers', 'aes256-ctr'],
  ['ClearAllForwardings', 'no'],
  ['Compression', 'yes'],
  ['ConnectionAttempts', '9'],
  ['ConnectTimeout', '99'],
  ['ControlMaster', 'auto'],
  ['ControlPath', '/tmp/%C'],
  ['ControlPersist', 'yes'],
  ['DynamicForward', '1080'],
  ['EnableEscapeCommandline', 'yes'],
  ['EscapeChar', '^A'],
  ['ExitOnForwardFailure', 'yes'],
  ['FingerprintHash', 'md5'],
  ['ForkAfterAuthentication', 'yes'],
  ['ForwardAgent', 'yes'],
  ['ForwardX11', 'yes'],
  ['ForwardX11Trusted', 'yes'],
  ['GlobalKnownHostsFile', '/tmp/theirs'],
  ['GSSAPIAuthentication', 'yes'],
  ['GSSAPIDelegateCredentials', 'yes'],
  ['GSSAPIKeyExchange', 'yes'],
  ['HashKnownHosts', 'yes'],
  ['HostbasedAuthentication', 'yes'],
  ['HostKeyAlgorithms', 'ecdsa-sha2-nistp521'],
  ['HostKeyAlias', 'other'],
  ['HostName', 'elsewhere'],
  ['IdentitiesOnly', 'no'],
  ['IdentityAgent', '/tmp/agent'],
  ['IgnoreUnknown', 'nothing'],
  ['KbdInteractiveAuthentication', 'yes'],
  ['KexAlgorithms', 'diffie-hellman-group14-sha256'],
  ['KnownHostsCommand', '/bin/true'],
  ['LogLevel', 'VERBOSE'],
  ['LogVerbose', 'kex.c:*:*'],
  ['MACs', 'hmac-sha2-512'],
  ['NoHostAuthenticationForLocalhost', 'yes'],
  ['ObscureKeystrokeTiming', 'yes'],
  ['PasswordAuthentication', 'yes'],
  ['PermitLocalCommand', 'yes'],
  ['PKCS11Provider', '/tmp/theirs.so'],
  ['Port', '99'],
  ['PreferredAuthentications', 'password'],
  ['ProxyCommand', 'nc %h %p'],
  ['ProxyJump', 'elsewhere'],
  ['ProxyUseFdpass', 'yes'],
  ['PubkeyAcceptedAlgorithms', 'rsa-sha2-512'],
  ['PubkeyAcceptedKeyTypes', 'rsa-sha2-512'],
  ['PubkeyAuthentication', 'no'],
  ['RekeyLimit', '16M 10s'],
  ['RemoteCommand', 'tmux'],
  ['RequestTTY', 'force'],
  ['RequiredRSASize', '8192'],
  ['SecurityKeyProvider', '/tmp/theirs.so'],
  ['ServerAliveCountMax', '99'],
  ['ServerAliveInterval', '99'],
  ['SessionType', 'none'],
  ['StdinNull', 'yes'],
  ['StrictHostKeyChecking', 'no'],
  ['TCPKeepAlive', 'no'],
  ['Tunnel', 'yes'],
  ['UpdateHostKeys', 'yes'],
  ['User', 'somebody'],
  ['UserKnownHostsFile', '/tmp/theirs'],
  ['VerifyHostKeyDNS', 'yes'],
  ['VisualHostKey', 'yes'],
  ['WarnWeakCrypto', 'yes'],
]

/** What stays somebody else's to say, and why it may. */
const theirs: Readonly<Record<string, readonly string[]>> = {
  'how this network is gone through is for whoever runs it to say': [
    ...['AddressFamily', 'BindAddress', 'BindInterface', 'IPQoS'],
  ],
  'ssh adds these up: ours comes first, and no other is taken away': [
    ...['IdentityFile', 'CertificateFile', 'SendEnv', 'SetEnv'],
  ],
  'nothing is forwarded': [
    ...['LocalForward', 'RemoteForward', 'PermitRemoteOpen', 'GatewayPorts', 'TunnelDevice', 'XAuthLocation'],
    ...['StreamLocalBindMask', 'StreamLocalBindUnlink', 'ForwardX11Timeout'],
  ],
  'names are taken as they are': [
    ...[
      'CanonicalDomains',
      'CanonicalizeFallbackLocal',
      'CanonicalizeMaxDots',
      'CanonicalizePermittedCNAMEs',
    ],
  ],
  'the way of logging in that it is about is switched off': [
    ...[
      'EnableSSHKeysign',
      'HostbasedAcceptedAlgorithms',
      'NumberOfPasswordPrompts',
      'CASignatureAlgorithms',
    ],
    ...['GSSAPIClientIdentity', 'GSSAPIServerIdentity', 'GSSAPITrustDNS', 'GSSAPIRenewalForcesRekey'],
    'GSSAPIKexAlgorithms',
  ],
  'it does nothing by itself': ['LocalCommand', 'SyslogFacility', 'Tag', 'VersionAddendum'],
  'whoever revokes a key, or refuses a host, means it': ['RevokedHostKeys', 'RefuseConnection'],
}
const theirOptions = new Set(
  Object.values(theirs)
    .flat()
    .map((name) => name.toLowerCase()),
)

const paths = { key: (id: string) => `/keys/${id}`, knownHosts: '/known', master: (id: string) => `/m/${id}` }

/** ssh's `none` and what it leaves out are the same to it. */
const linesOf = (text: string) => text.split(/\r?\n/).filter((line) => line !== '' && !line.endsWith(' none'))

describe.each(generations)('with OpenSSH, $name', ({ argv }) => {
  const folder = () => {
    const at = temporaryFolder()
    writeFileSync(join(at, 'ours'), configFor(argv, [anna, otto], paths))
    return at
  }
  /** What ssh makes of an alias of ours when somebody's own file goes on after our `Include`. */
  const read = (at: string, alias: string, text: string) => {
    writeFileSync(join(at, 'config'), addFirstInclude(text, join(at, 'ours')))
    return readBy(argv, join(at, 'config'), alias)
  }

  it('nothing that somebody sets for all hosts changes what is ours', () => {
    const at = folder()
    const before = read(at, 'millwright-anna', '')
    expect(before).toMatchObject({ status: 0, stderr: '' })
    const isChangedBy = ([name, value]: (typeof hostile)[number]) => {
      const { status, stdout } = read(at, 'millwright-anna', `Host *\n  ${name} ${value}\n`)
      return status !== 0 || linesOf(stdout).join() !== linesOf(before.stdout).join()
    }
    expect(hostile.filter(isChangedBy)).toEqual([])
  })

  it.each(['millwright-otto', 'millwright-otto.jump'])('neither does all of it together: %s', (alias) => {
    const at = folder()
    const before = read(at, alias, '')
    const { status, stdout } = read(at, alias, hostile.map((option) => `${option.join(' ')}\n`).join(''))
    expect([status, ...linesOf(stdout)]).toEqual([0, ...linesOf(before.stdout)])
  })

  it('no option is forgotten: each is pinned, or named with why it is not', () => {
    const known = new Set([...hostile.map(([name]) => name.toLowerCase()), ...theirOptions, 'host'])
    const printed = linesOf(readBy(argv, '/dev/null', 'x').stdout.replaceAll(/ none$/gm, ' '))
    const names = printed.map((line) => line.slice(0, line.indexOf(' ')).toLowerCase())
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  it('a word that it does not know stops no builder', () => {
    const { status, stderr } = read(folder(), 'millwright-anna', 'Host *\n  UseKeychain yes\n')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('no option of ours stops another host of root’s', () => {
    const at = folder()
    const { status, stdout } = read(at, 'elsewhere', '')
    expect({ status, stdout }).toEqual({ status: 0, stdout: readBy(argv, '/dev/null', 'elsewhere').stdout })
  })
})
