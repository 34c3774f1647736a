import type { FailureCode } from '../../contract/failure'
import type { AddressProblem } from '../ssh/address'
import { shellWord } from '../text/shell-quote'
import { copyCommand, edit, retry, type Saying, type WordsFor } from './facts'

const addressCauses = {
  empty: 'Nothing was typed.',
  'too-long': 'It is far longer than any address.',
  'leading-dash': 'It begins with a dash; SSH would take it for an option.',
  'this-computer': 'It names this computer.',
  'bad-character': 'It holds a character that no address has, such as a space, a quote or a semicolon.',
  'bad-user': 'What stands before the @ is not a login name.',
  'bad-host': 'What stands for the host is neither a name nor an IP address.',
  'bad-port': 'The port is not a number from 1 to 65535.',
  'other-scheme': 'Builders are reached over SSH, and over nothing else.',
  'has-password': 'It holds a password. Leave that out: you are asked for it when it is needed.',
  'has-path': 'Something follows the host. A builder is a whole machine, so there is no path.',
} as const satisfies Record<AddressProblem, string>

function addressCause(say: Saying): string {
  const problem = say.fact('problem', '')
  const isKnown = (text: string): text is AddressProblem => Object.hasOwn(addressCauses, text)
  return isKnown(problem) ? addressCauses[problem] : 'It is neither a host name nor an IP address.'
}

/** The address and the way in. */
export const wordsOfReaching = {
  ADDRESS_INVALID: (say) => ({
    title: say.has('address') ? `${say.fact('address', '')} is not an address` : 'That is not an address',
    cause: addressCause(say),
    remedy: 'Type a name or an IP address: otto.lan, admin@otto.lan, or admin@10.0.0.7:2222 with a port.',
    action: edit,
  }),
  ADDRESS_IS_THIS_COMPUTER: () => ({
    title: 'That is this computer',
    cause: 'A computer cannot be its own builder: Nix would wait for itself forever.',
    remedy:
      'Choose another machine. For a virtual machine on this one, give its forwarded port, such as admin@127.0.0.1:2222.',
    action: edit,
  }),
  ID_INVALID: (say) => ({
    title: `${say.fact('id', 'That')} cannot be a builder’s name`,
    cause: 'The name also names files and an SSH host, so it has to be simple.',
    remedy:
      'Use up to 32 small letters, digits and dashes, beginning with a letter, such as anna or mac-mini.',
    action: edit,
  }),
  ID_TAKEN: (say) => ({
    title: `There is a builder named ${say.fact('builder', say.fact('id', 'like that'))} already`,
    cause: 'You may have added this machine before, or another one by the same name.',
    remedy: 'Choose another name, or remove the old builder first.',
    action: edit,
  }),
  NAME_NOT_FOUND: (say) => ({
    title: `No machine by the name ${say.fact('host', 'you typed')} was found`,
    cause: 'The name may be misspelt, or known only on another network or VPN.',
    remedy: 'Check the spelling and the network, or use the machine’s IP address.',
    action: edit,
  }),
  UNREACHABLE: (say) => ({
    title: `${say.Host} does not answer`,
    cause:
      'It may be asleep or switched off, on another network, or behind a firewall that drops the connection.',
    remedy: `Wake it and check the address, then try again. To see for yourself: ${say.ssh}`,
    action: retry,
  }),
  CONNECTION_REFUSED: (say) => ({
    title: `${say.Host} is there, but does not let SSH in`,
    cause: `Nothing listens on port ${say.fact('port', '22')}: remote login is switched off, or listens on another port.`,
    remedy:
      'Switch on remote login there (Linux: sudo systemctl enable --now ssh or sshd; macOS: System Settings, General, Sharing, Remote Login), or add the port to the address, such as otto.lan:2222.',
    action: retry,
  }),
  CONNECTION_LOST: (say) => ({
    title: `The connection to ${say.host} broke off`,
    cause: 'The machine went to sleep or restarted, or the network changed.',
    remedy: 'Try again. What had been done already is found and not done twice.',
    action: retry,
  }),
  NOT_SSH: (say) => ({
    title: `${say.Host} does not speak SSH on port ${say.fact('port', '22')}`,
    cause: 'Something else answers there, such as a web server, or a proxy in between.',
    remedy: 'Check the port. SSH usually listens on 22.',
    action: edit,
  }),
  HOST_KEY_CHANGED: (say) => ({
    title: `${say.Host} shows another host key than before`,
    cause:
      'Either the machine was reinstalled, or its address now belongs to another machine, or someone is in between.',
    remedy: say.has('fingerprint')
      ? `Do not go on before you know which. On the machine itself, ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub should print ${say.fact('fingerprint', '')}. If it does, forget the old key: ${forgetKey(say)}`
      : `Do not go on before you know which. If you reinstalled it yourself, forget the old key: ${forgetKey(say)}`,
    action: copyCommand(forgetKey(say)),
  }),
  HOST_KEY_REJECTED: (say) => ({
    title: `The host key of ${say.host} was not confirmed`,
    cause:
      say.fact('reason', '') === 'revoked'
        ? 'Your known_hosts file marks this key as revoked. Nothing secret was sent.'
        : 'You said no to its fingerprint, or nobody was there to say yes. Nothing secret was sent.',
    remedy:
      'Compare the fingerprint with the one that ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints on the machine, then try again.',
    action: retry,
  }),
  LOGIN_REFUSED: (say) => ({
    title: `${say.Host} does not let ${say.fact('user', 'you')} log in`,
    cause: 'The login name, the key or the password is not one that it takes.',
    remedy: `Check that this works in a terminal: ${say.ssh}`,
    action: copyCommand(say.ssh),
  }),
  KEY_FILE_UNREADABLE: (say) => ({
    title: `The key file ${say.fact('path', 'you gave')} cannot be read`,
    cause: 'It is not there, not yours to read, or not a private SSH key.',
    remedy: `Choose another file. To see what it is: ssh-keygen -lf ${say.word('path', 'FILE')}`,
    action: edit,
  }),
  PASSPHRASE_WRONG: (say) => ({
    title: 'That is not the passphrase',
    cause: `The key ${say.fact('path', 'file')} does not open with it.`,
    remedy: 'Try again, or load the key into your SSH agent with ssh-add.',
    action: retry,
  }),
  JUMP_FAILED: (say) => ({
    title: `The way to ${say.host} through ${say.fact('jump', 'the jump host')} is blocked`,
    cause: 'The machine in between did not answer, did not let you in, or may not pass connections on.',
    remedy: `Check that this works in a terminal: ${say.ssh}`,
    action: copyCommand(say.ssh),
  }),
  SSH_CONFIG_UNSUPPORTED: (say) => ({
    title: `Millwright cannot follow your SSH configuration to ${say.host}`,
    cause: `It uses ${say.fact('option', 'a command or an option')}; Millwright follows HostName, User, Port, IdentityFile and ProxyJump, and runs nothing from that file.`,
    remedy: 'Give the machine’s own address instead, or put a ProxyJump in place of a ProxyCommand.',
    action: edit,
  }),
} satisfies Partial<Record<FailureCode, WordsFor>>

function forgetKey(say: Saying): string {
  const host = say.fact('host', 'HOST')
  const port = say.fact('port', '22')
  return `ssh-keygen -R ${shellWord(port === '22' ? host : `[${host}]:${port}`)}`
}
