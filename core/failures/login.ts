import { failureRow } from './failure-row'
import { atLogin, copyCommand, edit, machine, onMachine, quote, retry, withLogin } from './failure-words'
import { startUpFileOf } from './start-up-files'

const minimumNix = '2.3'
const installNix = 'curl -L https://nixos.org/nix/install | sh -s -- --daemon'

/** After a login and before the first script of ours: what ran in its place, the ways to root, and its Nix. */
export const login = {
  REMOTE_COMMAND_NOT_RUN: failureRow({
    facts: { ...atLogin, instead: 'required', said: 'optional', status: 'optional', shell: 'optional' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} let ${facts.user ?? 'you'} in, but did not run what it was asked to`,
      cause: whatRanInstead(facts),
      remedy: `${facts.instead === 'refused' ? 'See what its SSH server allows this login, or use another one.' : remedyOf(facts.shell)}${withLogin(' To see for yourself: ', facts, ' true')}`,
      action: retry,
    }),
  }),
  REMOTE_SHELL_NOISY: failureRow({
    facts: { ...atLogin, noise: 'required', shell: 'optional' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} prints text at login that garbles Nix’s conversation`,
      cause: `A start-up file of its shell${facts.shell ? ` ${facts.shell}` : ''} prints “${facts.noise}” even when nobody is there to read it.`,
      remedy: `Let only terminals see it: put [ -t 1 ] || return at the top of ${startUpFileOf(facts.shell) ?? 'that file'}.${withLogin(' This should then print nothing: ', facts, ' true')}`,
      action: retry,
    }),
  }),
  REMOTE_WITHOUT_NIX: failureRow({
    facts: atLogin,
    words: (facts) => ({
      title: `Nix is not installed on ${machine(facts)}`,
      cause: 'No nix-store was found where Nix usually lives. A builder needs Nix of its own.',
      remedy: `Install it there and try again. ${withLogin('Log in with ', facts, ' and run') || 'Log in there and run'}: ${installNix}`,
      action: copyCommand(installNix),
    }),
  }),
  REMOTE_WRAPPER_NOT_FOUND: failureRow({
    facts: { ...onMachine, program: 'required' },
    words: (facts) => ({
      title: `There is no ${facts.program} on ${machine(facts)}`,
      cause:
        'It was looked for in ~/bin and ~/.local/bin, and wherever the shell of your login there finds programs. Nothing was changed.',
      remedy:
        'Give the name of the program that leads to Nix there, or leave it away so that Millwright looks for one itself; then try again.',
      action: edit,
    }),
  }),
  REMOTE_WAY_IN_FAILED: failureRow({
    facts: { ...atLogin, program: 'required' },
    words: (facts) => ({
      title: `${facts.program} on ${machine(facts)} leads to no Nix`,
      cause:
        'Nix is not there without it, and what it started did not find a nix-store either. Nothing was changed.',
      remedy: `${withLogin('Log in with ', facts) || 'Log in there'}, see that Nix works in what it starts, and try again.`,
      action: retry,
    }),
  }),
  REMOTE_NIX_TOO_OLD: failureRow({
    facts: { ...onMachine, version: 'required' },
    words: (facts) => ({
      title: `Nix ${facts.version} on ${machine(facts)} is too old`,
      cause: `Remote building needs Nix ${minimumNix} or newer on the builder.`,
      remedy: 'Upgrade Nix there, then try again.',
      action: retry,
    }),
  }),
  REMOTE_NIX_VERSION_UNKNOWN: failureRow({
    facts: { ...onMachine, said: 'optional' },
    words: (facts) => ({
      title: `Nix on ${machine(facts)} does not say which version it is`,
      cause: facts.said
        ? quote(facts.said, 'Asked for it, it said')
        : 'Asked for it, it said nothing that Millwright knows.',
      remedy: 'Run it there, as the same login, to see what is in the way: nix --version. Then try again.',
      action: retry,
    }),
  }),
  REMOTE_NIX_NOT_FOUND: failureRow({
    facts: { ...onMachine, owner: 'required' },
    words: (facts) => ({
      title: `The Nix of ${machine(facts)} was not found`,
      cause: `There is a Nix store in /nix, which belongs to ${facts.owner}. Its nix-store is neither where Nix usually lives nor where this login looks for programs.`,
      remedy:
        'Log in as the user whose Nix it is, or make its programs found, such as by links in /usr/local/bin. Do not install another Nix over it.',
      action: retry,
    }),
  }),
  REMOTE_NOLOGIN: failureRow({
    facts: { ...onMachine, said: 'required' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} lets nobody but root log in now`,
      cause: `nologin(5) there says “${facts.said}”.`,
      remedy:
        'Wait until it has started or is no longer being serviced, or delete that file there. Then try again.',
      action: retry,
    }),
  }),
  REMOTE_NOEXEC: failureRow({
    facts: { ...onMachine, path: 'required' },
    words: (facts) => ({
      title: `Nothing in ${facts.path} can be run on ${machine(facts)}`,
      cause: 'Its file system is mounted with noexec, and the scripts that serve builds would lie there.',
      remedy: `Mount it without noexec there, then try again. To see it: findmnt -T ${facts.path}`,
      action: retry,
    }),
  }),
  ROOT_NOT_REACHED: failureRow({
    facts: { ...onMachine, user: 'optional', said: 'optional' },
    words: (facts) => ({
      title: `${facts.user ?? 'This login'} did not become root on ${machine(facts)}`,
      cause: facts.said
        ? `What was asked for it there says: “${facts.said}”.`
        : 'What was asked for it there said nothing that Millwright knows.',
      remedy: 'Log in there and become root by hand, to see what is in the way; then try again.',
      action: retry,
    }),
  }),
  ROOT_PASSWORD_OF_ANOTHER: failureRow({
    facts: { ...onMachine, user: 'required', owner: 'required' },
    words: (facts) => ({
      title: `The sudo of ${machine(facts)} asks for the password of ${facts.owner}`,
      cause: `It does not take that of ${facts.user} (sudoers(5): rootpw, targetpw or runaspw).`,
      remedy: `Try again with the password of ${facts.owner}, or log in as a user whose own password sudo takes.`,
      action: retry,
    }),
  }),
}

interface Instead {
  readonly user: string | undefined
  readonly instead: string
  readonly said: string | undefined
  readonly status: string | undefined
  readonly shell: string | undefined
}

/** Only what was seen; which of the possible causes it is, nobody has said. */
function whatRanInstead({ user, instead, said, status, shell }: Instead): string {
  const whose = user ? `${user}’s` : 'its'
  const quoted = said ? ` It printed “${said}”.` : ''
  switch (instead) {
    case 'ended':
      return `The login ended${status ? ` with status ${status}` : ''} before anything of it ran.${quoted}`
    case 'reads-input':
      return `A start-up file of ${whose} shell${shell ? ` ${shell}` : ''} reads the input that is meant for the command: it went on only once that was closed.${quoted}`
    case 'other-program':
      return `Something else ran in its place and waited for input, until that was closed.${quoted}`
    case 'endless':
      return `Something else prints without end in its place.${quoted}`
    case 'refused':
      return `Its SSH server did not begin the command.${quoted}`
    default:
      return `Nothing of it ran within 10 seconds, nor once the input was closed.${quoted}`
  }
}

function remedyOf(shell: string | undefined): string {
  const file = startUpFileOf(shell)
  if (file) return `Let ${file} do that only at a terminal: [ -t 0 ] tells. Then try again.`
  return (
    'A start-up file of that login’s shell does so, or the shell itself (such as nologin), or a forced command: ' +
    'of the key (command="…" in authorized_keys) or of the SSH server (ForceCommand). Change that, or use another login.'
  )
}
