import { shellWord } from '../text/shell-quote'
import { failureRow } from './failure-row'
import { copyCommand, lookAgain, quote, retry } from './failure-words'

const stateIsWhole = 'The list of builders is whole, old or new, never in between.'

/** What about this computer kept root's helper from its work, each by the very error that the system gave (errno(3)). */
export const helperSystem = {
  LOCAL_DISK_FULL: failureRow({
    helper: { names: ['disk-full'] },
    words: () => ({
      title: 'There is no room left on this computer’s disk',
      cause:
        'The system refused to write for root’s helper: the disk, or a quota on it, is full. The details name the file.',
      remedy: `${stateIsWhole} See what is full with df -h and df -i, make room, and try again.`,
      action: retry,
    }),
  }),
  LOCAL_DISK_READ_ONLY: failureRow({
    helper: { names: ['read-only'] },
    words: () => ({
      title: 'A disk of this computer cannot be written to',
      cause: 'It is mounted read-only. The details name the file that root’s helper had to write.',
      remedy: `${stateIsWhole} If the disk is meant to be written to, see why it is not with: dmesg`,
      action: retry,
    }),
  }),
  LOCAL_DISK_BROKEN: failureRow({
    helper: { names: ['disk-broken'] },
    words: () => ({
      title: 'A disk of this computer reported an error',
      cause: 'Reading or writing failed with an input/output error. The details name the file.',
      remedy: `${stateIsWhole} Look after the disk first: dmesg says more.`,
      action: lookAgain,
    }),
  }),
  LOCAL_FILES_EXHAUSTED: failureRow({
    helper: { names: ['too-many-files'] },
    words: () => ({
      title: 'This computer could open no more files',
      cause: 'The system’s limit on open files was reached while root’s helper worked.',
      remedy: `${stateIsWhole} Close some programs and try again.`,
      action: retry,
    }),
  }),
  HELPER_LIMITED: failureRow({
    helper: { names: ['limits-held'] },
    words: () => ({
      title: 'The helper was called with limits that it cannot lift',
      cause:
        'Limits of the shell or service that called it (ulimit) would end it halfway, so it changed nothing.',
      remedy: 'Look at ulimit -a there, and call it from a shell without such limits.',
      action: retry,
    }),
  }),
  CHANGE_NOT_NOTED: failureRow({
    helper: { names: ['not-noted'] },
    words: () => ({
      title: 'The change was not made, because it could not be logged',
      cause:
        'Each change is first noted in root’s log, so that an administrator can see who made it. The details say why that failed.',
      remedy: 'Nothing was changed. Mend what the details name, often a full disk, and try again.',
      action: retry,
    }),
  }),
  ROOT_FILE_UNSAFE: failureRow({
    facts: { path: 'optional', said: 'optional' },
    helper: { names: ['unsafe-path'], facts: ({ said, detail }) => problemOf(said?.line ?? detail) },
    words: ({ path, said }) => ({
      title: `${path ?? 'A file of root’s'} is not one that can be changed safely`,
      cause: `${said ? `${quote(said, 'What was found')} ` : ''}Root’s helper changes only plain files that nobody but root can exchange.`,
      remedy: path
        ? `Nothing was changed. See whose it is and who may write there, then try again: ls -ld ${shellWord(path)}`
        : 'Nothing was changed. Make it a plain file of root’s, in folders that only root can write, and try again.',
      action: path ? copyCommand(`ls -ld ${shellWord(path)}`) : retry,
    }),
  }),
  TRIALS_BUSY: failureRow({
    helper: { names: ['busy'] },
    words: () => ({
      title: 'Other builders are being tried right now',
      cause: 'Only a few are tried at once, and each one only once at a time.',
      remedy: 'Wait until those are done, and try again.',
      action: retry,
    }),
  }),
}

/** `/etc/nix can be written by others than its owner`, as the helper says it of a path. */
function problemOf(text: string): { readonly path?: string; readonly said?: string } {
  const said = text.replace(/^Root cannot rely on what stands there: (.*)\.$/, '$1')
  const path = /^(\/[^\0]*?) (?:belongs to uid|can be written by|is (?:a|not|no) )/.exec(said)?.[1]
  return { ...(path ? { path } : {}), ...(said ? { said } : {}) }
}
