import { failureRow } from './failure-row'
import { builderName, onMachine, quote, retry, showBuilder } from './failure-words'
import { saidFacts, saidLine } from './said-facts'

/** Proving a builder, and sharing one connection to it. */
export const proof = {
  UNEXPLAINED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['unknown'], facts: saidLine },
    words: (facts) => ({
      title: `Nix could not use ${builderName(facts)}`,
      cause: facts.said
        ? `${quote(facts.said)} Millwright does not know this message.`
        : 'Nothing was said of why.',
      remedy: 'The details hold all that was heard. Look into it, then test again.',
      action: retry,
    }),
  }),
  PING_FAILED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'nix-broken',
    helper: { names: ['ping-failed'], facts: saidLine },
    words: (facts) => ({
      title: `Nix got no answer from the Nix of ${builderName(facts)}`,
      cause: `The connection ended before it, and nothing was said of why.${facts.said ? ` ${quote(facts.said, 'Nix says')}` : ''}`,
      remedy: 'The logs of that machine may tell (Linux: journalctl -u nix-daemon -u ssh). Then test again.',
      action: retry,
    }),
  }),
  PROTOCOL_MISMATCH: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'nix-broken',
    helper: { names: ['protocol-mismatch'], facts: (heard) => saidFacts(heard, ['said']) },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} answers Nix with other text`,
      cause: facts.said
        ? `Where Nix there should have begun to speak, it got “${facts.said}”.`
        : 'Something else was printed where Nix there should have begun to speak.',
      remedy:
        'Find what prints that at the login of builds (a start-up file of the shell, a forced command), silence it, then test again.',
      action: retry,
    }),
  }),
  PROTOCOL_UNSUPPORTED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    builderIs: 'nix-broken',
    helper: { names: ['protocol-unsupported'], facts: saidLine },
    words: (facts) => ({
      title: `The Nix here and that of ${builderName(facts)} are too far apart`,
      cause: quote(facts.said ?? 'protocol version not supported', 'Nix says'),
      remedy: 'Bring both to versions that are closer together, then test again.',
      action: retry,
    }),
  }),
  DAEMON_SSH_OPTIONS: failureRow({
    facts: { ...onMachine, said: 'required' },
    helper: { names: ['daemon-ssh-options'], facts: ({ said }) => ({ said: said?.line ?? 'ssh options' }) },
    words: (facts) => ({
      title: `The Nix daemon here logs in to ${builderName(facts)} in another way than Millwright set up`,
      cause: `Its environment holds “${facts.said}”, which ssh obeys before anything else. A handshake without it works, its own logins fail.`,
      remedy:
        'Take that out of the daemon’s environment (Linux: systemctl cat nix-daemon shows where it is set), restart it, then test again.',
      action: retry,
    }),
  }),
  BUILD_REFUSED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['build-refused'], facts: (heard) => saidFacts(heard, ['said']) },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} does not do builds of this kind`,
      cause: quote(facts.said ?? 'required system or feature not available', 'Its Nix says'),
      remedy: 'Remove it and add it again with the systems and features that it has.',
      action: showBuilder,
    }),
  }),
  REMOTE_JOBS_ZERO: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['jobs-zero'], facts: saidLine },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} is told to build nothing itself`,
      cause: `In its own Nix configuration max-jobs is 0. ${quote(facts.said ?? 'unable to start any build', 'Its Nix says')}`,
      remedy:
        'Set max-jobs in /etc/nix/nix.conf there to a number, or to auto, restart its Nix daemon, then test again.',
      action: retry,
    }),
  }),
  REMOTE_WITHOUT_BUILD_USERS: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['no-build-users'], facts: (heard) => saidFacts(heard, ['said']) },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} has no user free to run a build as`,
      cause: quote(facts.said ?? 'the build users group has no members', 'Its Nix says'),
      remedy:
        'Look at build-users-group in /etc/nix/nix.conf there and at the members of that group, then test again.',
      action: retry,
    }),
  }),
  NO_SPACE: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['no-space'], facts: (heard) => saidFacts(heard, ['said']) },
    words: (facts) => ({
      title: `There was no space for the test build, here or on ${builderName(facts)}`,
      cause: `${quote(facts.said ?? 'No space left on device', 'Nix says')} It does not say on which of the two.`,
      remedy: 'See which disk is full: df -h /nix',
      action: retry,
    }),
  }),
  BUILD_FAILED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['build-failed'], facts: saidLine },
    words: (facts) => ({
      title: `The test build failed on ${builderName(facts)}`,
      cause: facts.said
        ? `The machine took it and could not finish it. ${quote(facts.said)}`
        : 'The machine took it and could not finish it.',
      remedy: 'The details hold the end of its log. Put right what it names, then test again.',
      action: retry,
    }),
  }),
  BUILT_ELSEWHERE: failureRow({
    facts: onMachine,
    helper: { names: ['built-elsewhere'] },
    words: (facts) => ({
      title: `The test build did not run on ${builderName(facts)}`,
      cause: 'What came back does not show that this builder made it, so it proves nothing.',
      remedy: 'Test again. If it happens twice, see whether two builders share one address.',
      action: retry,
    }),
  }),
  TIMED_OUT: failureRow({
    facts: onMachine,
    builderIs: 'unreachable',
    helper: { names: ['timed-out'] },
    words: (facts) => ({
      title: `${builderName(facts, 'That')} took too long`,
      cause: 'It did not end in the time that it may take, and nobody said why.',
      remedy: 'Try again in a moment.',
      action: retry,
    }),
  }),
  SHARING_FAILED: failureRow({
    facts: onMachine,
    helper: { names: ['sharing-failed'] },
    words: (facts) => ({
      title: `Builds do not get through one connection to ${builderName(facts)}`,
      cause:
        'The check did not pass: this Nix may not get along with a shared connection, or the SSH server over there allows too few sessions in one login (MaxSessions). The details hold what was said.',
      remedy:
        'Nothing else changed: each build logs in for itself, as before. Try again after either side changes.',
      action: retry,
    }),
  }),
  SHARING_UNSUPPORTED: failureRow({
    facts: onMachine,
    helper: { names: ['no-service-manager'] },
    words: (facts) => ({
      title: `Nothing on this computer can hold a connection to ${builderName(facts)}`,
      cause: 'A small service has to keep it open, and there is neither systemd nor launchd here.',
      remedy: 'Each build goes on logging in for itself, which works everywhere.',
    }),
  }),
  CONNECTION_IN_USE: failureRow({
    facts: onMachine,
    helper: { names: ['connection-in-use'] },
    words: (facts) => ({
      title: `Builds go through the connection to ${builderName(facts)} now`,
      cause: 'They share it, and would end with it.',
      remedy: 'Pause the builder and try again when they are done.',
      action: retry,
    }),
  }),
}
