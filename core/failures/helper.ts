import { failureRow } from './failure-row'
import { builderName, copyCommand, lookAgain, onMachine, quote, retry, showBuilder } from './failure-words'

const installHelper = 'sudo millwright helper install'

/** Root's helper, and the way to it. */
export const helper = {
  HELPER_MISSING: failureRow({
    facts: { command: 'required' },
    words: ({ command }) => ({
      title: 'Millwright’s helper is not installed',
      cause:
        'The list of builders belongs to root. A small helper writes it, and it has to be installed once.',
      remedy: `Run this in a terminal, then try again: ${command}`,
      action: copyCommand(command),
    }),
  }),
  HELPER_INSECURE: failureRow({
    facts: { path: 'optional', command: 'optional' },
    helper: { names: ['INSECURE_INSTALL'] },
    words: ({ path, command = installHelper }) => ({
      title: 'Millwright’s helper could have been changed by somebody else',
      cause: `${path ?? 'Its folder'} is not root’s alone to write, so the helper refuses to run.`,
      remedy: `Install it again: ${command}`,
      action: copyCommand(command),
    }),
  }),
  HELPER_OUTDATED: failureRow({
    facts: { helper: 'optional', command: 'optional' },
    helper: { names: ['state-newer'] },
    words: ({ helper: version, command = installHelper }) => ({
      title: 'Millwright’s helper is of another version',
      cause: version
        ? `The helper is of version ${version} and does not know all that this Millwright asks of it.`
        : 'It does not know all that this Millwright asks of it, or a later helper wrote root’s files.',
      remedy: `Install the helper of this version, which keeps your builders: ${command}`,
      action: copyCommand(command),
    }),
  }),
  HELPER_BUSY: failureRow({
    helper: { names: ['LOCKED'] },
    words: () => ({
      title: 'Another change is being made',
      cause: 'A second window, a terminal or another user is changing the builders at this moment.',
      remedy: 'Wait a few seconds and try again.',
      action: retry,
    }),
  }),
  HELPER_CALLED_TOO_OFTEN: failureRow({
    helper: { names: ['rate-limited'] },
    words: () => ({
      title: 'Root’s helper is called too often',
      cause:
        'It answers only so many calls a minute, and so many at once, that nobody gave a password for. The details say which it was.',
      remedy: 'Wait a minute and try again.',
      action: retry,
    }),
  }),
  HELPER_CONFLICT: failureRow({
    helper: { names: ['CONFLICT'] },
    words: () => ({
      title: 'The builders were changed in the meantime',
      cause: 'Somebody else changed them after you looked. Their change stands; yours was not made.',
      remedy: 'Look at the builders as they are now, and try again.',
      action: retry,
    }),
  }),
  HELPER_REFUSED_INPUT: failureRow({
    helper: { names: ['not-json', 'grammar'] },
    words: () => ({
      title: 'The helper did not accept that',
      cause: 'A value is not one that may stand in a file of root’s.',
      remedy: 'Nothing was changed. Use plain names, numbers and addresses. The details name the value.',
    }),
  }),
  HELPER_ROLLED_BACK: failureRow({
    helper: { names: ['ROLLED_BACK'] },
    words: () => ({
      title: 'The change was taken back',
      cause:
        'The Nix daemon did not answer after it was restarted for it, so the builders are again as they were.',
      remedy:
        'The details hold what was seen. Look at the daemon (Linux: systemctl status nix-daemon), then try again.',
      action: retry,
    }),
  }),
  HELPER_FAILED: failureRow({
    helper: { names: ['internal', 'not-set-up', 'validation-failed', 'daemon-did-not-return'] },
    words: () => ({
      title: 'The helper could not finish',
      cause: 'It met something that it did not expect. The details hold what it said.',
      remedy: 'The list of builders is whole, old or new, never in between. Look again to see which.',
      action: lookAgain,
    }),
  }),
  NOT_AUTHORISED: failureRow({
    facts: { command: 'optional', said: 'optional', by: 'optional' },
    exit: 'notAuthorised',
    helper: { names: ['not-root'] },
    words: ({ command, said, by }) => ({
      title: 'An administrator has to allow this',
      cause: said
        ? quote(said, `${by ?? 'It'} says`)
        : 'Your account may not change the builders of this computer by itself.',
      remedy: `Try again with an administrator’s password, or have an administrator do it${command ? `, who runs this as root: ${command}` : '.'}`,
      action: retry,
    }),
  }),
  AUTHORISATION_DISMISSED: failureRow({
    exit: 'notAuthorised',
    words: () => ({
      title: 'The password question was closed',
      cause: 'The list of builders belongs to root, so an administrator has to agree.',
      remedy: 'Nothing was changed. Try again when you are ready.',
      action: retry,
    }),
  }),
  ROOT_WAY_BROKEN: failureRow({
    facts: { command: 'required', said: 'optional', by: 'optional' },
    exit: 'notAuthorised',
    words: ({ command, said, by }) => ({
      title: `The way to root of this computer does not work${by ? `: ${by}` : ''}`,
      cause: said ? quote(said, 'It says') : 'It ended before the helper began.',
      remedy: `Put that right, or run this as root yourself, then try again: ${command}`,
      action: copyCommand(command),
    }),
  }),
  NO_WAY_TO_ROOT: failureRow({
    facts: { command: 'required', said: 'optional', by: 'optional' },
    exit: 'notAuthorised',
    words: ({ command, said, by }) => ({
      title: 'Millwright cannot ask for an administrator here',
      cause: said
        ? quote(said, `${by ?? 'It'} says`)
        : 'There is neither polkit with a password window nor sudo for this user.',
      remedy: `Run this as root yourself, then try again: ${command}`,
      action: copyCommand(command),
    }),
  }),
  LINE_GONE: failureRow({
    helper: { names: ['no-such-line'] },
    words: () => ({
      title: 'That line is no longer as it was',
      cause: 'Somebody has changed it since Millwright read it, or Nix does not go by its file any more.',
      remedy: 'Look again, then try again.',
      action: lookAgain,
    }),
  }),
  LINE_NOT_ADOPTABLE: failureRow({
    facts: { why: 'optional' },
    helper: {
      names: ['line-not-adoptable'],
      facts: ({ said }) => (said ? { why: said.line } : {}),
    },
    words: ({ why }) => ({
      title: 'This line cannot be moved as it is',
      cause: why ? `${why[0]?.toUpperCase()}${why.slice(1)}.` : 'It says more than Millwright writes.',
      remedy:
        'It goes on as before. To manage the machine all the same, add it anew and then take the line out.',
    }),
  }),
  NO_SUCH_BUILDER: failureRow({
    facts: { builder: 'optional' },
    helper: { names: ['no-such-builder'] },
    words: ({ builder }) => ({
      title: builder ? `There is no builder named ${builder}` : 'There is no such builder',
      cause: 'It was removed, or the name is misspelt.',
      remedy: 'See which there are: millwright list',
    }),
  }),
  NO_NEW_KEY: failureRow({
    facts: { builder: 'optional' },
    helper: { names: ['no-new-key'] },
    words: ({ builder }) => ({
      title: `The new key to ${builder ?? 'the builder'} is gone`,
      cause: 'Somebody else took it back, or renewed the keys at the same time.',
      remedy: 'The key in force stays. Look at the builder, then try again.',
      action: retry,
    }),
  }),
  NO_SUCH_GENERATION: failureRow({
    facts: { generation: 'optional' },
    helper: {
      names: ['no-such-generation'],
      facts: ({ request }) => ('generation' in request ? { generation: String(request.generation) } : {}),
    },
    words: ({ generation }) => ({
      title: `There is no generation ${generation ?? 'before this one'} to go back to`,
      cause: 'The last ten are kept; older ones are deleted.',
      remedy: 'See which there are: millwright files',
    }),
  }),
  QUARANTINED: failureRow({
    facts: onMachine,
    builderIs: 'refused',
    helper: { names: ['quarantined'] },
    words: (facts) => ({
      title: `${builderName(facts, 'The builder')} is locked out`,
      cause:
        'Its host key changed, so it may be another machine. No build goes there until an administrator agrees.',
      remedy: `Compare the new fingerprint with the one on the machine itself; only if they are the same, accept it${facts.builder ? `, on its page or with: millwright accept-host-key ${facts.builder}` : '.'}`,
      action: showBuilder,
    }),
  }),
}
