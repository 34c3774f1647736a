/** One option of ssh_config(5), as it is written. */
type SshOption = readonly [name: string, value: string]

/**
 * What every connection of ours says for itself, because ssh keeps the first value that it reads: a `Host *`, a
 * `Match` or a file in ssh_config.d of somebody else's then changes nothing. `test/differential/pinned-options.test.ts`
 * names the options that are missing here, each with why.
 */
export const pinnedOptions: readonly SshOption[] = [
  // A word that this ssh does not know (`UseKeychain` of a Mac's) would otherwise stop every connection.
  ['IgnoreUnknown', '*'],
  // A pipe between two programs: no terminal, no other command, nothing read from it or written to it.
  ['RequestTTY', 'no'],
  ['RemoteCommand', 'none'],
  ['SessionType', 'default'],
  ['StdinNull', 'no'],
  ['ForkAfterAuthentication', 'no'],
  ['EscapeChar', 'none'],
  ['EnableEscapeCommandline', 'no'],
  ['PermitLocalCommand', 'no'],
  ['VisualHostKey', 'no'],
  // What ssh says by itself is what a failure is told by: a server's own words come at this level and above.
  ['LogLevel', 'INFO'],
  ['LogVerbose', 'none'],
  ['FingerprintHash', 'sha256'],
  ['WarnWeakCrypto', 'no'],
  // Nothing is passed on.
  ['ClearAllForwardings', 'yes'],
  ['ExitOnForwardFailure', 'no'],
  ['ForwardAgent', 'no'],
  ['ForwardX11', 'no'],
  ['ForwardX11Trusted', 'no'],
  ['Tunnel', 'no'],
  // Root's key for this builder, and nothing else of root's.
  ['IdentitiesOnly', 'yes'],
  ['IdentityAgent', 'none'],
  ['AddKeysToAgent', 'no'],
  ['PKCS11Provider', 'none'],
  ['SecurityKeyProvider', 'internal'],
  ['BatchMode', 'yes'],
  ['PreferredAuthentications', 'publickey'],
  ['PubkeyAuthentication', 'yes'],
  // By its older name, which every version knows.
  ['PubkeyAcceptedKeyTypes', 'ssh-ed25519'],
  ['PasswordAuthentication', 'no'],
  ['KbdInteractiveAuthentication', 'no'],
  ['HostbasedAuthentication', 'no'],
  ['GSSAPIAuthentication', 'no'],
  ['GSSAPIKeyExchange', 'no'],
  ['GSSAPIDelegateCredentials', 'no'],
  // The pinned host keys, and no other word for them.
  ['GlobalKnownHostsFile', '/dev/null'],
  ['KnownHostsCommand', 'none'],
  ['StrictHostKeyChecking', 'yes'],
  ['NoHostAuthenticationForLocalhost', 'no'],
  ['CheckHostIP', 'no'],
  ['VerifyHostKeyDNS', 'no'],
  ['UpdateHostKeys', 'no'],
  ['HashKnownHosts', 'no'],
  // `+` and what is a default anyway: the defaults of this ssh, and its preference for the types that are pinned.
  [
    'HostKeyAlgorithms',
    '+ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256',
  ],
  ['RequiredRSASize', '1024'],
  ['KexAlgorithms', '+ecdh-sha2-nistp256'],
  ['Ciphers', '+aes128-ctr'],
  ['MACs', '+hmac-sha2-256'],
  // Nix passes no time-out and asks for compression itself.
  ['ConnectTimeout', '5'],
  ['ConnectionAttempts', '1'],
  ['ServerAliveInterval', '15'],
  ['ServerAliveCountMax', '3'],
  ['TCPKeepAlive', 'yes'],
  ['ChannelTimeout', 'none'],
  ['RekeyLimit', 'default 0'],
  ['Compression', 'no'],
  ['ObscureKeystrokeTiming', 'no'],
  // One that Nix started would hold Nix's pipes open. Where a held connection is gone, ssh logs in for itself.
  ['ControlMaster', 'no'],
  ['ControlPersist', 'no'],
  ['ProxyUseFdpass', 'no'],
  ['CanonicalizeHostname', 'no'],
]

/** A file that lets `ssh -G` say which of the pinned options it lacks; nothing else stands in it. */
export function renderOptionProbe(): string {
  return pinnedOptions
    .filter(([name]) => name !== 'IgnoreUnknown')
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')
}

/**
 * The options, in lower case, that an ssh says it does not know (readconf.c): one such line in our file would stop it
 * for every host of root's, whichever block it stands in. What it only passes over it still remarks on each time.
 */
export function optionsLacking(stderr: string): string[] {
  const said = /Bad configuration option: (\w+)|Unsupported option "?(\w+)"?/g
  return [...stderr.matchAll(said)].map(([, bad, unsupported]) => (bad ?? unsupported ?? '').toLowerCase())
}
