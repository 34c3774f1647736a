import type { FailureCode } from '../../contract/failure'
import { copyCommand, edit, retry, type Saying, type WordsFor } from './facts'

const minimumNix = '2.3'

/** What was found over there, and changing it. */
export const wordsOfRemote = {
  REMOTE_SHELL_NOISY: (say) => ({
    title: `${say.Host} prints text at login that garbles Nix’s conversation`,
    cause: say.has('noise')
      ? `A start-up file of its shell prints “${say.fact('noise', '')}” even when nobody is there to read it.`
      : 'A start-up file of its shell, such as .bashrc, prints something even when nobody is there to read it.',
    remedy: `Let only terminals see it: put [ -t 1 ] || return at the top of that file. This should then print nothing: ${say.ssh} true`,
    action: retry,
  }),
  REMOTE_SYSTEM_UNSUPPORTED: (say) => ({
    title: `${say.Host} runs ${say.fact('system', 'a system')} that cannot be a builder here`,
    cause: 'Millwright sets up Linux and macOS machines.',
    remedy: 'Choose another machine, or a Linux virtual machine on this one.',
    action: edit,
  }),
  REMOTE_WITHOUT_NIX: (say) => ({
    title: `Nix is not installed on ${say.host}`,
    cause: 'No nix-store was found where Nix usually lives. A builder needs Nix of its own.',
    remedy: `Install it there and try again. Log in with ${say.ssh} and run: ${installNix}`,
    action: copyCommand(installNix),
  }),
  REMOTE_NIX_TOO_OLD: (say) => ({
    title: `Nix ${say.fact('version', '')} on ${say.host} is too old`.replace('  ', ' '),
    cause: `Remote building needs Nix ${minimumNix} or newer on the builder.`,
    remedy: 'Upgrade Nix there, then try again.',
    action: retry,
  }),
  REMOTE_NIX_CONF_BROKEN: (say) => ({
    title: `Nix on ${say.host} cannot read its own configuration`,
    cause: `A line of ${say.fact('path', '/etc/nix/nix.conf')} there is wrong; every Nix command stops at it. The details name the line.`,
    remedy: 'Correct that line there, then try again. Nothing was changed.',
    action: retry,
  }),
  REMOTE_DECLARATIVE: (say) => ({
    title: `${say.Host} is configured by ${declarativeName(say)}`,
    cause: 'Its files are made by a rebuild, so whatever Millwright wrote there would be lost or in the way.',
    remedy:
      'Declare a user for builds there yourself, trusted by its Nix, and rebuild; or choose another machine. Nothing was changed.',
    action: retry,
  }),
  REMOTE_SYSTEM_NOT_BUILDABLE: (say) => ({
    title: `${say.Host} cannot build for ${say.fact('wanted', 'that system')}`,
    cause: say.has('systems')
      ? `It builds for ${say.fact('systems', '')}.`
      : 'Neither its processor nor an emulator there covers it.',
    remedy: 'Leave that system out, or set up emulation there (binfmt on Linux, Rosetta on macOS).',
    action: edit,
  }),
  REMOTE_USER_NOT_TRUSTED: (say) => ({
    title: `Nix on ${say.host} does not trust ${say.fact('user', 'the builder’s user')}`,
    cause: 'Nix of this version builds for a remote user only when its name is in trusted-users.',
    remedy: `Add this to /etc/nix/nix.conf there and restart its Nix daemon: extra-trusted-users = ${say.fact('user', 'nixremote')}`,
    action: copyCommand(`extra-trusted-users = ${say.fact('user', 'nixremote')}`),
  }),
  REMOTE_USER_UNFIT: (say) => ({
    title: `Builds cannot log in to ${say.host} as ${say.fact('user', 'that user')}`,
    cause: say.has('owner')
      ? `The Nix there belongs to ${say.fact('owner', 'another user')}, and nobody else can write its store.`
      : 'Builds never log in as root, nor under a name that Nix’s own files cannot hold.',
    remedy: say.has('owner')
      ? `Log in as ${say.fact('owner', 'its owner')}, or as somebody who may become root there.`
      : 'Log in as another user of that machine.',
    action: edit,
  }),
  REMOTE_SSHD_REFUSES: (say) => ({
    title: `The SSH server of ${say.host} would not let builds log in`,
    cause: say.has('reason')
      ? `Its configuration (sshd_config) says so: ${say.fact('reason', '')}.`
      : 'Its configuration (sshd_config) shuts the user for builds out.',
    remedy:
      'Let that user in there, reload sshd, then try again. Millwright never changes sshd’s configuration.',
    action: retry,
  }),
  SUBSTITUTER_NEEDS_ROOT: (say) => ({
    title: `${say.fact('builder', 'This builder')} cannot vouch for what it builds`,
    cause:
      'A key that signs must be root’s alone over there, and Millwright set this builder up without root, or not from here.',
    remedy: 'Remove it and add it again, logging in as somebody who may become root there.',
  }),
  SUDO_PASSWORD_WRONG: (say) => ({
    title: `${say.Host} did not take the sudo password`,
    cause: `It is the password of ${say.fact('user', 'your login')} on that machine, not on this one.`,
    remedy: 'Try again. Millwright does not guess a second time, so that the account is not locked.',
    action: retry,
  }),
  SUDO_NOT_ALLOWED: (say) => ({
    title: `${say.fact('user', 'Your login')} may not become root on ${say.host}`,
    cause: 'Its sudo does not let this user do so, or there is no sudo.',
    remedy: 'Log in as a user who may, or as root, for this one set-up. Builds never run as root.',
    action: edit,
  }),
  REMOTE_DISK_FULL: (say) => ({
    title: `The disk of ${say.host} is full`,
    cause: say.has('path')
      ? `There is no room left for ${say.fact('path', '')}.`
      : 'There is no room left to write even a small file.',
    remedy: `Free some space, then try again. Old builds often take the most: ${say.ssh} nix-collect-garbage`,
    action: copyCommand(`${say.ssh} nix-collect-garbage`),
  }),
  REMOTE_SCRIPT_FAILED: (say) => ({
    title: `Setting up ${say.host} stopped ${say.has('step') ? `at “${say.fact('step', '')}”` : 'halfway'}`,
    cause: 'A command there failed. The details hold what it said.',
    remedy: 'What had been changed is taken back. Put right what the details name, then try again.',
    action: retry,
  }),
  PLAN_DECLINED: () => ({
    title: 'Not approved',
    cause: 'You looked at what would be done and said no, or nobody was there to say yes.',
    remedy: 'Nothing was changed. Start again whenever you like.',
    action: retry,
  }),
} satisfies Partial<Record<FailureCode, WordsFor>>

const installNix = 'curl -L https://nixos.org/nix/install | sh -s -- --daemon'

function declarativeName(say: Saying): string {
  return say.fact('declarative', 'nixos') === 'nix-darwin' ? 'nix-darwin' : 'NixOS'
}
