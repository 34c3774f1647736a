import type { FailureCode } from '../../contract/failure'
import { copyCommand, lookAgain, retry, type WordsFor } from './facts'

const installHelper = 'sudo millwright helper install'

/** This computer: its Nix, its administrator, its keychain. */
export const wordsOfLocal = {
  LOCAL_WITHOUT_NIX: () => ({
    title: 'Nix is not installed on this computer',
    cause: 'Builders do the work of a Nix that runs here, and none was found.',
    remedy: 'Install Nix from https://nixos.org/download, then look again.',
    action: lookAgain,
  }),
  LOCAL_SINGLE_USER: () => ({
    title: 'Nix on this computer has no daemon',
    cause:
      'It is a single-user installation: it belongs to you alone, and there is nothing for root to set up.',
    remedy: 'Install Nix with its daemon (multi-user), then look again.',
    action: lookAgain,
  }),
  LOCAL_DECLARATIVE: (say) => ({
    title: `This computer is configured by ${say.fact('declarative', 'nixos') === 'nix-darwin' ? 'nix-darwin' : 'NixOS'}`,
    cause: 'Its Nix files are made by a rebuild, so Millwright does not write to them.',
    remedy: 'Declare the builder there yourself, in nix.buildMachines, and rebuild. Nothing was changed.',
    action: lookAgain,
  }),
  LOCAL_NIX_CONF_BROKEN: (say) => ({
    title: 'Nix on this computer cannot read its configuration',
    cause: `A line of ${say.fact('path', '/etc/nix/nix.conf')} is wrong; every Nix command stops at it. The details name the line.`,
    remedy: 'Correct that line, then look again. Nothing was changed.',
    action: lookAgain,
  }),
  LOCAL_MACHINES_BROKEN: (say) => ({
    title: 'The list of builders that was here before has a line that Nix cannot read',
    cause: `${say.has('line') ? `Line ${say.fact('line', '')}` : 'A line'} of ${say.fact('path', '/etc/nix/machines')} is wrong, and one is enough for Nix to use no builder at all.`,
    remedy: 'Correct the line as shown, then look again. Millwright does not change that file by itself.',
    action: lookAgain,
  }),
  HELPER_MISSING: (say) => ({
    title: 'Millwright’s helper is not installed',
    cause: 'The list of builders belongs to root. A small helper writes it, and it has to be installed once.',
    remedy: `Run this in a terminal, then try again: ${say.fact('command', installHelper)}`,
    action: copyCommand(say.fact('command', installHelper)),
  }),
  HELPER_INSECURE: (say) => ({
    title: 'Millwright’s helper could have been changed by somebody else',
    cause: `${say.fact('path', 'Its folder')} is not root’s alone to write, so the helper refuses to run.`,
    remedy: `Install it again: ${say.fact('command', installHelper)}`,
    action: copyCommand(say.fact('command', installHelper)),
  }),
  HELPER_BUSY: () => ({
    title: 'Another change is being made',
    cause: 'A second window, a terminal or another user is changing the builders at this moment.',
    remedy: 'Wait a few seconds and try again. If you just switched builders very often, wait a minute.',
    action: retry,
  }),
  HELPER_CONFLICT: () => ({
    title: 'The builders were changed in the meantime',
    cause: 'Somebody else changed them after you looked. Their change stands; yours was not made.',
    remedy: 'Look at the builders as they are now, and try again.',
    action: retry,
  }),
  HELPER_REFUSED_INPUT: (say) => ({
    title: 'The helper did not accept that',
    cause: say.has('field')
      ? `The value for ${say.fact('field', '')} is not one that may stand in a file of root’s.`
      : 'A value is not one that may stand in a file of root’s.',
    remedy: 'Nothing was changed. Use plain names, numbers and addresses. The details name the value.',
  }),
  HELPER_ROLLED_BACK: (say) => ({
    title: 'The change was taken back',
    cause: say.has('reason')
      ? `Nix did not get along with it: ${say.fact('reason', '')}.`
      : 'Nix did not get along with it, so the builders are again as they were.',
    remedy: 'Everything works as before. The details hold what Nix said.',
    action: retry,
  }),
  HELPER_FAILED: () => ({
    title: 'The helper could not finish',
    cause: 'It met something that it did not expect. The details hold what it said.',
    remedy: 'The list of builders is whole, old or new, never in between. Look again to see which.',
    action: lookAgain,
  }),
  NOT_AUTHORISED: () => ({
    title: 'An administrator has to allow this',
    cause: 'Your account may not change the builders of this computer, or the password was not right.',
    remedy: 'Try again with an administrator’s password, or ask an administrator to do it.',
    action: retry,
  }),
  AUTHORISATION_DISMISSED: () => ({
    title: 'The password question was closed',
    cause: 'The list of builders belongs to root, so an administrator has to agree.',
    remedy: 'Nothing was changed. Try again when you are ready.',
    action: retry,
  }),
  NO_WAY_TO_ROOT: (say) => ({
    title: 'Millwright cannot ask for an administrator here',
    cause: 'There is neither polkit with a password window nor sudo for this user.',
    remedy: say.has('command')
      ? `Run this as root yourself, then try again: ${say.fact('command', '')}`
      : 'Run the shown commands as root yourself, then try again.',
    action: say.has('command') ? copyCommand(say.fact('command', '')) : retry,
  }),
  BUILDS_RUNNING: (say) => ({
    title: 'Builds are running',
    cause: `The Nix daemon ${say.has('host') ? `of ${say.host} ` : ''}has to restart once for this, which could end them.`,
    remedy: 'Try again when they are done, or restart it all the same.',
    action: retry,
  }),
  KEYCHAIN_UNAVAILABLE: () => ({
    title: 'Your keychain does not answer',
    cause: 'It is locked, or no keychain service runs in this session.',
    remedy: 'Unlock it and try again, or allow Millwright to keep its key in a file that only you can read.',
    action: retry,
  }),
  KEYCHAIN_DECLINED: () => ({
    title: 'There is no place for Millwright’s own keys',
    cause: 'No keychain runs in this session, and a file was not allowed.',
    remedy: 'Start a keychain (GNOME Keyring, KWallet, KeePassXC), or allow the file, then try again.',
    action: retry,
  }),
  DATA_UNWRITABLE: (say) => ({
    title: 'Millwright cannot save its data',
    cause: `${say.fact('path', 'Its folder in your home')} cannot be written: the disk is full, or the folder is not yours.`,
    remedy: `Free some space or correct the owner, then try again: ls -ld ${say.word('path', '~/.config/millwright')}`,
    action: retry,
  }),
  USER_CONF_READ_ONLY: (say) => ({
    title: 'Your own Nix configuration cannot be written',
    cause: `The file ${say.fact('path', '~/.config/nix/nix.conf')} is read-only for you, or lies on a disk that is.`,
    remedy: `Nothing was changed. See who may write there, then try again: ls -ld ${say.word('path', '~/.config/nix')}`,
    action: retry,
  }),
  USER_CONF_DECLARATIVE: (say) => ({
    title: 'Your own Nix configuration is made by a rebuild',
    cause: `The file ${say.fact('path', '~/.config/nix/nix.conf')} is a link to what Home Manager or a system configuration wrote, so Millwright does not touch it.`,
    remedy: `Set it there instead, in nix.settings, and rebuild${say.has('line') ? `: ${say.fact('line', '')}` : '.'}`,
    action: lookAgain,
  }),
  USER_CONF_CHANGED: (say) => ({
    title: 'Your own Nix configuration was edited in the meantime',
    cause: `The file ${say.fact('path', '~/.config/nix/nix.conf')} changed while Millwright was about to add or take out its line.`,
    remedy: 'That edit stands; nothing else was changed. Try again.',
    action: retry,
  }),
  MODES_CONFLICT: (say) => ({
    title: 'Then nothing could be built at all',
    cause: say.has('where')
      ? `The other mode is in force already: ${say.fact('setting', 'a setting')} in ${say.fact('where', '')}.`
      : 'The other mode is in force already, and not by your own switch.',
    remedy: 'Nothing was changed. Turn the other one off where it was turned on, then try again.',
    action: lookAgain,
  }),
  MODE_REACHES_EVERYONE: () => ({
    title: 'For root this would reach everyone',
    cause:
      'The Nix daemon runs as root and reads root’s own configuration: from its next start nobody here would build remotely.',
    remedy: 'Nothing was changed. Switch it as yourself, or pause the builders.',
  }),
  NOTHING_SET_UP: () => ({
    title: 'There is no builder yet',
    cause: 'For everyone, Millwright writes beside its list of builders, and there is none on this computer.',
    remedy: 'Add a builder first, then try again.',
  }),
} satisfies Partial<Record<FailureCode, WordsFor>>
