import { sshAlias } from '../ssh/alias'
import { shellWord } from '../text/shell-quote'
import { failureRow } from './failure-row'
import { builderName, leftOut, machine, onMachine, quote, retry } from './failure-words'
import { saidFacts, saidLine, saidMachine } from './said-facts'

/** How an SSH server, or ssh itself, turns the daemon’s own logins away, told apart by what they say. */
export const refusals = {
  SSH_HUNG_UP: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'refused',
    helper: { names: ['hung-up'], facts: (heard) => ({ ...saidMachine(heard), ...saidLine(heard) }) },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} ended the connection before builds were let in`,
      cause: `${quote(facts.said ?? 'Connection closed', 'ssh says')} The SSH server there does not say why.`,
      remedy: 'Its own log does (Linux: journalctl -u ssh -u sshd, on that machine). Then test again.',
      action: retry,
    }),
  }),
  LOGINS_CLOSED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'unreachable',
    helper: {
      names: ['logins-closed'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['said']) }),
    },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} lets nobody log in for now`,
      cause: quote(facts.said ?? 'System is going down', 'It says'),
      remedy: 'Try again when it has started. If it stays so, look at the file /run/nologin there.',
      action: retry,
    }),
  }),
  NO_COMMON_ALGORITHM: failureRow({
    facts: { ...onMachine, kind: 'optional', offer: 'optional', notFollowed: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['no-common-algorithm'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['kind', 'offer']) }),
    },
    words: (facts) => ({
      title: `The SSH of ${machine(facts)} and of this computer have no ${facts.kind ?? 'algorithm'} in common`,
      cause: `Each side takes only what its version and its configuration allow.${facts.offer ? ` It offers ${facts.offer}.` : ''}${leftOut(facts.notFollowed)}`,
      remedy:
        'Look for Ciphers, KexAlgorithms and MACs in the SSH configuration of root here and of the server there, or bring the older side up to date.',
      action: retry,
    }),
  }),
  HOST_KEY_TYPE_REFUSED: failureRow({
    facts: { ...onMachine, offer: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['no-host-key-type'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['offer']) }),
    },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} has no host key of a type that ssh here takes`,
      cause: `Nothing says that its key changed: the two sides only agree on no type.${facts.offer ? ` It offers ${facts.offer}.` : ''}`,
      remedy:
        'Look for HostKeyAlgorithms in the SSH configuration of root here, and for HostKey in that of the server there, then test again.',
      action: retry,
    }),
  }),
  HOST_KEY_UNVERIFIED: failureRow({
    facts: onMachine,
    builderIs: 'refused',
    helper: { names: ['host-key-unverified'], facts: saidMachine },
    words: (facts) => ({
      title: `The host key of ${machine(facts)} could not be verified`,
      cause: 'ssh said no more than that, which is not that the key changed.',
      remedy: facts.builder
        ? `See what it says in full: sudo ssh -v ${shellWord(sshAlias(facts.builder))}`
        : 'Test again. The details hold all that was heard.',
      action: retry,
    }),
  }),
  KEY_ALGORITHM_REFUSED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['no-signature-algorithm'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidLine(heard) }),
    },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} and ssh here agree on no way to sign with the key of builds`,
      cause: quote(facts.said ?? 'no mutual signature algorithm', 'ssh says'),
      remedy:
        'Look for PubkeyAcceptedAlgorithms in the SSH configuration of root here and of the server there, then test again.',
      action: retry,
    }),
  }),
  ACCOUNT_EXPIRED: failureRow({
    facts: { ...onMachine, user: 'optional', said: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['account-expired'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['said']) }),
    },
    script: { names: ['account-expired'], facts: ({ text }) => ({ said: text }) },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} lets ${facts.user ?? 'the build user'} in only once the account is renewed`,
      cause: quote(facts.said ?? 'Your account has expired', 'It says'),
      remedy: 'An administrator there can see when it ends and renew it (chage), then test again.',
      action: retry,
    }),
  }),
  LOGIN_SHELL_SHUT: failureRow({
    facts: { ...onMachine, user: 'optional', said: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['login-shell-shut'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['said']) }),
    },
    words: (facts) => ({
      title: `The login shell of ${facts.user ?? 'the build user'} on ${machine(facts)} lets nobody in`,
      cause: quote(facts.said ?? 'This account is currently not available.', 'It says'),
      remedy: 'Remove the builder and add it again: Millwright then shows which user builds would log in as.',
      action: retry,
    }),
  }),
  JUMP_HOST_KEY_CHANGED: failureRow({
    facts: { ...onMachine, jump: 'optional' },
    builderIs: 'refused',
    helper: {
      names: ['jump-host-key-changed'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['jump']) }),
    },
    words: (facts) => ({
      title: `${facts.jump ?? 'The machine in between'}, on the way to ${builderName(facts)}, shows another host key`,
      cause:
        'Either it was reinstalled, or its address now belongs to another machine, or someone is in between. ssh goes no further.',
      remedy:
        'Do not go on before you know which. If you reinstalled it yourself, remove the builder and add it again.',
    }),
  }),
}
