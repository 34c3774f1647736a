import { failureRow } from './failure-row'
import { builderName, onMachine, retry } from './failure-words'

/** Proving a builder, and sharing one connection to it. */
export const proof = {
  PING_FAILED: failureRow({
    facts: onMachine,
    builderIs: 'nix-broken',
    helper: { names: ['ping-failed'] },
    words: (facts) => ({
      title: `Nix cannot talk to ${builderName(facts)}`,
      cause:
        'SSH gets there, but the Nix over there does not answer as it should. The details hold what was said.',
      remedy: 'Check that its Nix daemon runs (Linux: systemctl status nix-daemon), then test again.',
      action: retry,
    }),
  }),
  PROTOCOL_MISMATCH: failureRow({
    facts: onMachine,
    builderIs: 'nix-broken',
    helper: { names: ['protocol-mismatch'] },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} answers Nix with other text`,
      cause:
        'Something prints before Nix can speak: a banner of the shell, or a Nix too old for the one here.',
      remedy:
        'Silence what its shell prints at login, or bring both sides to a similar Nix, then test again.',
      action: retry,
    }),
  }),
  BUILD_REFUSED: failureRow({
    facts: { ...onMachine, user: 'optional' },
    helper: { names: ['build-refused'] },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} refused the test build`,
      cause:
        'The Nix over there does not take work from the user that Millwright logs in as, or not of this kind.',
      remedy: `${facts.user ? `Put extra-trusted-users = ${facts.user}` : 'Name that user in trusted-users'} in /etc/nix/nix.conf over there, restart its Nix daemon, then test again.`,
      action: retry,
    }),
  }),
  BUILD_FAILED: failureRow({
    facts: onMachine,
    helper: { names: ['build-failed'] },
    words: (facts) => ({
      title: `The test build failed on ${builderName(facts)}`,
      cause:
        'The machine took the build and could not finish it: no free space, no build users, or a sandbox that does not work there.',
      remedy: 'The details hold the end of its log. Put right what it names, then test again.',
      action: retry,
    }),
  }),
  BUILT_ELSEWHERE: failureRow({
    facts: onMachine,
    helper: { names: ['built-elsewhere'] },
    words: (facts) => ({
      title: `The test build did not run on ${builderName(facts)}`,
      cause: 'Another machine built it, so it proves nothing about this builder.',
      remedy: 'Test again. If it happens twice, two builders may share one address.',
      action: retry,
    }),
  }),
  TIMED_OUT: failureRow({
    facts: onMachine,
    builderIs: 'unreachable',
    helper: { names: ['timed-out'] },
    words: (facts) => ({
      title: `${builderName(facts, 'That')} took too long`,
      cause: 'The machine may be overloaded, asleep, or behind a slow network.',
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
