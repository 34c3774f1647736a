import type { AddressProblem } from '../ssh/address'
import { failureRow } from './failure-row'
import {
  atLogin,
  copyCommand,
  edit,
  leftOut,
  machine,
  quote,
  retry,
  showBuilder,
  sshCommand,
  withLogin,
} from './failure-words'
import { saidFacts, saidHost, saidLine, saidMachine, saidPlace } from './said-facts'

/** The address, and logging in. */
export const reaching = {
  ADDRESS_INVALID: failureRow({
    facts: { address: 'required', problem: 'required' },
    exit: 'usage',
    words: ({ address, problem }) => ({
      title: `${address} is not an address`,
      cause: addressCause(problem),
      remedy: 'Type a name or an IP address: otto.lan, admin@otto.lan, or admin@10.0.0.7:2222 with a port.',
      action: edit,
    }),
  }),
  ADDRESS_IS_THIS_COMPUTER: failureRow({
    facts: { host: 'optional' },
    exit: 'usage',
    words: ({ host }) => ({
      title: host ? `${host} is this computer` : 'That is this computer',
      cause: 'A computer cannot be its own builder: Nix would wait for itself forever.',
      remedy:
        'Choose another machine. For a virtual machine on this one, give its forwarded port, such as admin@127.0.0.1:2222.',
      action: edit,
    }),
  }),
  ID_TAKEN: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `There is a builder named ${builder} already`,
      cause: 'You may have added this machine before, or another one by the same name.',
      remedy: 'Choose another name, or remove the old builder first.',
      action: edit,
    }),
  }),
  MACHINE_IS_BUILDER: failureRow({
    facts: { builder: 'required', host: 'required', since: 'optional', unfinished: 'optional' },
    helper: {
      names: ['machine-known'],
      facts: (heard) => ({ ...saidHost(heard), builder: heard.said?.facts.builder ?? 'another builder' }),
    },
    words: ({ builder, host, since, unfinished }) => ({
      title: `This is ${builder}, a builder already`,
      cause: `${host} shows the host keys of ${builder}. ${unfinished ? `An attempt to add it was not finished (${unfinished}).` : knownWords(builder, since)} Nothing was changed.`,
      remedy: unfinished
        ? `Add it again under that name (millwright add … --name ${builder}), or remove it first (millwright remove ${builder}).`
        : `Use it as it is: millwright test ${builder} shows whether it works. To set it up anew or under another name, remove it first: millwright remove ${builder}`,
      action: showBuilder,
    }),
  }),
  MACHINE_LIKE_BUILDER: failureRow({
    facts: { builder: 'required', host: 'required' },
    words: ({ builder, host }) => ({
      title: `${host} shows the host keys of ${builder}`,
      cause: `Its machine-id is another one: it is a copy of ${builder}, or ${builder} itself set up anew. By its host keys nobody can tell the two apart. Nothing was changed.`,
      remedy: `If it is a copy, give it host keys of its own and try again; on it, as root: rm /etc/ssh/ssh_host_*_key* && ssh-keygen -A, then restart its SSH server. If it is ${builder} itself, remove that one first: millwright remove ${builder}`,
      action: showBuilder,
    }),
  }),
  NAME_NOT_FOUND: failureRow({
    facts: { host: 'required', notFollowed: 'optional' },
    builderIs: 'unreachable',
    helper: { names: ['name-not-found'], facts: saidHost },
    words: ({ host, notFollowed }) => ({
      title: `No machine by the name ${host} was found`,
      cause: `The name may be misspelt, or known only on another network or VPN.${leftOut(notFollowed)}`,
      remedy: 'Check the spelling and the network, or use the machine’s IP address.',
      action: edit,
    }),
  }),
  NAME_UNRESOLVED: failureRow({
    facts: { host: 'required', said: 'optional', notFollowed: 'optional' },
    builderIs: 'unreachable',
    helper: {
      names: ['name-unresolved'],
      facts: (heard) => ({ ...saidHost(heard), ...saidFacts(heard, ['said']) }),
    },
    words: ({ host, said, notFollowed }) => ({
      title: `The name ${host} could not be looked up`,
      cause: `${quote(said ?? 'Temporary failure in name resolution', 'This computer says')} Whether there is such a machine nobody could be asked.${leftOut(notFollowed)}`,
      remedy:
        'Check that this computer is on its network and reaches its name server, or use the machine’s IP address. Then try again.',
      action: retry,
    }),
  }),
  UNREACHABLE: failureRow({
    facts: { ...atLogin, said: 'optional', notFollowed: 'optional' },
    builderIs: 'unreachable',
    helper: { names: ['unreachable'], facts: (heard) => ({ ...saidMachine(heard), ...saidLine(heard) }) },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} does not answer`,
      cause: `${saidBefore(facts.said)}It may be asleep or switched off, on another network, or behind a firewall that drops the connection.${leftOut(facts.notFollowed)}`,
      remedy: `Wake it and check the address, then try again.${withLogin(' To see for yourself: ', facts)}`,
      action: retry,
    }),
  }),
  CONNECTION_REFUSED: failureRow({
    facts: { host: 'required', port: 'required', notFollowed: 'optional' },
    builderIs: 'unreachable',
    helper: { names: ['connection-refused'], facts: saidPlace },
    words: ({ host, port, notFollowed }) => ({
      title: `${host} is there, but does not let SSH in`,
      cause: `Port ${port} takes no connections there: remote login is switched off, or listens on another port.${leftOut(notFollowed)}`,
      remedy:
        'Switch on remote login there (Linux: sudo systemctl enable --now ssh or sshd; macOS: System Settings, General, Sharing, Remote Login), or add the port to the address, such as otto.lan:2222.',
      action: retry,
    }),
  }),
  CONNECTION_FAILED: failureRow({
    facts: { host: 'required', port: 'optional' },
    builderIs: 'unreachable',
    words: ({ host, port }) => ({
      title: `No connection to ${host} could be made`,
      cause: `This computer’s network did not take it${port ? ` for port ${port}` : ''}. The details hold what it said.`,
      remedy: 'Put right what the details name, then try again.',
      action: retry,
    }),
  }),
  CONNECTION_LOST: failureRow({
    facts: { host: 'required', said: 'optional' },
    builderIs: 'unreachable',
    helper: { names: ['connection-lost'], facts: (heard) => ({ ...saidHost(heard), ...saidLine(heard) }) },
    words: ({ host, said }) => ({
      title: `The connection to ${host} broke off`,
      cause: `${said ? `${quote(said, 'ssh says')} ` : ''}It was there and ended, and nobody said why.`,
      remedy: 'Try again. What had been done already is found and not done twice.',
      action: retry,
    }),
  }),
  NOT_SSH: failureRow({
    facts: { host: 'required', port: 'required' },
    builderIs: 'refused',
    helper: { names: ['not-ssh'], facts: saidPlace },
    words: ({ host, port }) => ({
      title: `${host} does not speak SSH on port ${port}`,
      cause:
        'What came back is not what an SSH server says. Something else may answer there, such as a web server, or a proxy in between.',
      remedy: 'Check the port. SSH usually listens on 22.',
      action: edit,
    }),
  }),
  LOGIN_REFUSED: failureRow({
    facts: {
      ...atLogin,
      whose: 'optional',
      tried: 'optional',
      offered: 'optional',
      switchedOff: 'optional',
      said: 'optional',
      notFollowed: 'optional',
    },
    builderIs: 'refused',
    helper: {
      names: ['login-refused'],
      facts: (heard) => ({
        ...saidMachine(heard),
        ...saidFacts(heard, ['user']),
        ...saidLine(heard),
        whose: 'builds',
      }),
    },
    words: (facts) => {
      const { host, user, port, whose, tried, offered, switchedOff, said } = facts
      const command = host === undefined || whose !== undefined ? undefined : sshCommand({ host, user, port })
      const more = `${tried ? ` Tried: ${tried}.` : ''}${offered ? ` It would take: ${offered}.` : ''}${switchedOff ? ` Your SSH configuration switches off: ${switchedOff}.` : ''}${leftOut(facts.notFollowed)}`
      return {
        title: `${machine(facts, 'The machine')} does not let ${user ?? (host ? 'you' : 'builds')} log in`,
        cause: said
          ? `${ownKey(whose)} ${quote(said, 'ssh says')}${more}`
          : `${ownKey(whose)} Its SSH server refused it, without saying why.${more}`,
        remedy: command
          ? `Check that this works in a terminal: ${command}`
          : 'Its own log says why (Linux: journalctl -u ssh -u sshd, on that machine). If it was set up anew, remove the builder and add it again.',
        action: command ? copyCommand(command) : retry,
      }
    },
  }),
  JUMP_FAILED: failureRow({
    facts: {
      host: 'required',
      port: 'required',
      jump: 'required',
      said: 'optional',
      notFollowed: 'optional',
    },
    helper: {
      names: ['jump-blocked'],
      facts: (heard) => ({
        ...saidPlace(heard),
        jump: heard.said?.facts.jump ?? 'the machine in between',
        ...saidLine(heard),
      }),
    },
    words: ({ host, port, jump, said, notFollowed }) => ({
      title: `The way to ${host} through ${jump} is blocked`,
      cause: said
        ? quote(said)
        : `The machine in between did not answer, did not let you in, or may not pass connections on.${leftOut(notFollowed)}`,
      remedy: `Check that this works in a terminal: ${sshCommand({ host, port })}`,
      action: copyCommand(sshCommand({ host, port })),
    }),
  }),
}

/** What was said, by whom: the guard of root's ssh speaks for Millwright itself. */
function saidBefore(said: string | undefined): string {
  if (said === undefined) return ''
  return said.startsWith('Millwright ') ? `${said} ` : `${quote(said, 'ssh says')} `
}

function knownWords(builder: string, since: string | undefined): string {
  return since === undefined
    ? `You have no note of adding ${builder}: another user of this computer did, or the note is lost.`
    : `You added it on ${since}.`
}

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

function addressCause(problem: string): string {
  const isKnown = (text: string): text is AddressProblem => Object.hasOwn(addressCauses, text)
  return isKnown(problem) ? addressCauses[problem] : 'It is neither a host name nor an IP address.'
}

/** Which key it was that was refused: the person’s own login tries what their SSH configuration says. */
function ownKey(whose: string | undefined): string {
  if (whose === 'builds') return 'It was tried with the key that Millwright made for builds.'
  if (whose === 'watching') return 'It was tried with the key by which Millwright watches builders.'
  return 'It was tried as your own SSH configuration says.'
}
