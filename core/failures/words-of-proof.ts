import type { FailureCode } from '../../contract/failure'
import type { QuestionKind } from '../../contract/job'
import { edit, retry, type Saying, showBuilder, type WordsFor } from './facts'

/** Proving, and everything after it. */
export const wordsOfProof = {
  PING_FAILED: (say) => ({
    title: `Nix cannot talk to ${named(say)}`,
    cause:
      'SSH gets there, but the Nix over there does not answer as it should. The details hold what was said.',
    remedy: 'Check that its Nix daemon runs (Linux: systemctl status nix-daemon), then test again.',
    action: retry,
  }),
  PROTOCOL_MISMATCH: (say) => ({
    title: `${named(say, true)} answers Nix with other text`,
    cause: 'Something prints before Nix can speak: a banner of the shell, or a Nix too old for the one here.',
    remedy: 'Silence what its shell prints at login, or bring both sides to a similar Nix, then test again.',
    action: retry,
  }),
  BUILD_REFUSED: (say) => ({
    title: `${named(say, true)} refused the test build`,
    cause:
      'The Nix over there does not take work from the user that Millwright logs in as, or not of this kind.',
    remedy: `Make that user a trusted user over there: extra-trusted-users = ${say.fact('user', 'nixremote')} in /etc/nix/nix.conf, and restart its Nix daemon.`,
    action: retry,
  }),
  BUILD_FAILED: (say) => ({
    title: `The test build failed on ${named(say)}`,
    cause:
      'The machine took the build and could not finish it: no free space, no build users, or a sandbox that does not work there.',
    remedy: 'The details hold the end of its log. Put right what it names, then test again.',
    action: retry,
  }),
  BUILT_ELSEWHERE: (say) => ({
    title: `The test build did not run on ${named(say)}`,
    cause: say.has('builtOn')
      ? `It ran on ${say.fact('builtOn', '')}, so it proves nothing about this builder.`
      : 'Another machine built it, so it proves nothing about this builder.',
    remedy: 'Test again. If it happens twice, two builders may share one address.',
    action: retry,
  }),
  TIMED_OUT: (say) => ({
    title:
      say.has('host') || say.has('builder') || say.has('id')
        ? `${named(say, true)} took too long`
        : 'That took too long',
    cause: say.has('seconds')
      ? `There was no answer for ${say.fact('seconds', '')} s. The machine may be overloaded, or the network too slow.`
      : 'The machine may be overloaded, asleep, or behind a slow network.',
    remedy: 'Try again in a moment.',
    action: retry,
  }),
  SHARING_FAILED: (say) => ({
    title: `Builds do not get through one connection to ${named(say)}`,
    cause:
      'The check did not pass: this Nix may not get along with a shared connection, or the SSH server over there allows too few sessions in one login (MaxSessions). The details hold what was said.',
    remedy:
      'Nothing else changed: each build logs in for itself, as before. Try again after either side changes.',
    action: retry,
  }),
  SHARING_UNSUPPORTED: (say) => ({
    title: `Nothing on this computer can hold a connection to ${named(say)}`,
    cause: 'A small service has to keep it open, and there is neither systemd nor launchd here.',
    remedy: 'Each build goes on logging in for itself, which works everywhere.',
  }),
  CONNECTION_IN_USE: (say) => ({
    title: `Builds go through the connection to ${named(say)} now`,
    cause: 'They share it, and would end with it.',
    remedy: 'Pause the builder and try again when they are done.',
    action: retry,
  }),
  NO_SUCH_BUILDER: (say) => ({
    title:
      say.has('builder') || say.has('id')
        ? `There is no builder named ${say.builder}`
        : 'There is no such builder',
    cause: 'It was removed, or the name is misspelt.',
    remedy: 'See which there are: millwright list',
  }),
  NO_SUCH_GENERATION: (say) => ({
    title: `There is no generation ${say.fact('generation', 'like that')} to go back to`,
    cause: 'The last ten are kept; older ones are deleted.',
    remedy: 'See which there are: millwright files',
  }),
  NO_SUCH_JOB: () => ({
    title: 'That is over already',
    cause: 'It finished or was cancelled before your answer arrived.',
    remedy: 'Look at the builder to see how it ended.',
  }),
  BUILDER_BUSY: (say) => ({
    title: `${named(say, true)} is being worked on`,
    cause: 'Something else is adding, testing, changing or removing it at this moment.',
    remedy: 'Wait for that to end, or cancel it.',
    action: showBuilder,
  }),
  QUARANTINED: (say) => ({
    title: `${named(say, true)} is locked out`,
    cause:
      'Its host key changed, so it may be another machine. No build goes there until an administrator agrees.',
    remedy:
      'Compare the new fingerprint with the one on the machine itself; only if they are the same, accept it.',
    action: showBuilder,
  }),
  ANSWER_NEEDED: (say) => ({
    title: 'A question has to be answered',
    cause: `${questionOf(say)} Nobody was there to answer.`,
    remedy: say.has('option')
      ? `Answer beforehand with ${say.fact('option', '')}, or run the command in a terminal.`
      : 'Run the command in a terminal, or answer beforehand with --yes or the option for it.',
  }),
  CANCELLED: () => ({
    title: 'Cancelled',
    cause: 'You stopped it.',
    remedy: 'What had been changed is taken back. Start again whenever you like.',
    action: retry,
  }),
  INTERRUPTED: (say) => ({
    title: `Work on ${say.builder} was cut short`,
    cause: 'Millwright or this computer stopped in the middle of it.',
    remedy: 'Remove the builder to take back what is left, or add it again: what is there already is kept.',
    action: showBuilder,
  }),
  INVALID_INPUT: (say) => ({
    title: say.has('field')
      ? `The value for ${say.fact('field', '')} cannot be used`
      : 'A value cannot be used',
    cause: say.fact('reason', 'It is empty, too long, or holds a character that may not stand there.'),
    remedy: 'Nothing was changed. Correct it and try again.',
    action: edit,
  }),
  UNEXPECTED: () => ({
    title: 'Millwright met a case it does not know',
    cause: 'This is a fault in Millwright, not in what you did. The details hold what was seen.',
    remedy: 'Try again. If it happens again, please report it with the details.',
    action: retry,
  }),
} satisfies Partial<Record<FailureCode, WordsFor>>

/** The builder by its name, else the machine by its address, else in general. */
function named(say: Saying, startsSentence = false): string {
  if (say.has('builder') || say.has('id') || !say.has('host'))
    return startsSentence ? say.Builder : say.builder
  return say.host
}

const questions = {
  'host-key': 'Is this the right host key?',
  password: 'Which password opens the login?',
  passphrase: 'Which passphrase opens the key file?',
  'keyboard-interactive': 'The machine asks something of its own at login.',
  'approve-plan': 'May this be changed?',
  'sudo-password': 'Which password does sudo take there?',
  'key-file-consent': 'May Millwright’s own keys be kept in a file?',
  'run-as-root': 'What did the command print that has to be run as root?',
  'restart-daemon': 'May the Nix daemon be restarted?',
  'approve-collect': 'May what nobody needs be deleted there?',
} as const satisfies Record<QuestionKind, string>

function questionOf(say: Saying): string {
  const kind = say.fact('question', '')
  const isKnown = (text: string): text is QuestionKind => Object.hasOwn(questions, text)
  return isKnown(kind) ? questions[kind] : 'Something has to be decided.'
}
