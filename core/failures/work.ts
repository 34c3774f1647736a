import type { QuestionKind } from '../../contract/job'
import { failureRow } from './failure-row'
import { edit, lookAgain, retry, showBuilder } from './failure-words'

/** Work under way, what is asked of the person, and what is known to no other row. */
export const work = {
  NO_SUCH_JOB: failureRow({
    words: () => ({
      title: 'That is over already',
      cause: 'It finished or was cancelled before your answer arrived.',
      remedy: 'Look at the builder to see how it ended.',
    }),
  }),
  BUILDER_BUSY: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `${builder} is being worked on`,
      cause: 'Something else is adding, testing, changing or removing it at this moment.',
      remedy: 'Wait for that to end, or cancel it.',
      action: showBuilder,
    }),
  }),
  TOO_MANY_JOBS: failureRow({
    facts: { most: 'required' },
    words: ({ most }) => ({
      title: 'Too much is being done at once',
      cause: `Millwright does ${most} things at a time, and as many are under way.`,
      remedy: 'Wait for some of them to end, or cancel them, then try again.',
      action: retry,
    }),
  }),
  ANSWER_NEEDED: failureRow({
    facts: { question: 'required' },
    exit: 'answerNeeded',
    words: ({ question }) => ({
      title: 'A question has to be answered',
      cause: `${questionText(question)} Nobody was there to answer.`,
      remedy: 'Run the command in a terminal, or answer beforehand with --yes or the option for it.',
    }),
  }),
  CANCELLED: failureRow({
    exit: 'cancelled',
    words: () => ({
      title: 'Cancelled',
      cause: 'You stopped it.',
      remedy: 'Start again whenever you like.',
      action: retry,
    }),
  }),
  INTERRUPTED: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `Work on ${builder} was cut short`,
      cause: 'Millwright or this computer stopped in the middle of it.',
      remedy: 'Remove the builder to take back what is left, or add it again: what is there already is kept.',
      action: showBuilder,
    }),
  }),
  INVALID_INPUT: failureRow({
    facts: { field: 'optional' },
    exit: 'usage',
    words: ({ field }) => ({
      title: field ? `The value for ${field} cannot be used` : 'A value cannot be used',
      cause: 'It is empty, too long, or holds a character that may not stand there.',
      remedy: 'Nothing was changed. Correct it and try again.',
      action: edit,
    }),
  }),
  UNEXPECTED: failureRow({
    words: () => ({
      title: 'Millwright met a case it does not know',
      cause: 'This is a fault in Millwright, not in what you did. The details hold what was seen.',
      remedy: 'Try again. If it happens again, please report it with the details.',
      action: retry,
    }),
  }),
  /** Stands in for a failure that another version of Millwright has recorded, under a code or with facts of its own. */
  OTHER_VERSION: failureRow({
    facts: { code: 'required' },
    words: ({ code }) => ({
      title: 'Another version of Millwright failed here',
      cause: `It recorded “${code}”, which this version cannot explain. The details hold what was seen.`,
      remedy: 'Try again with this version, or bring it up to date.',
      action: lookAgain,
    }),
  }),
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
  'approve-adopt': 'May the line be moved into Millwright’s own files?',
  'approve-collect': 'May what nobody needs be deleted there?',
} as const satisfies Record<QuestionKind, string>

function questionText(kind: string): string {
  const isKnown = (text: string): text is QuestionKind => Object.hasOwn(questions, text)
  return isKnown(kind) ? questions[kind] : 'Something has to be decided.'
}
