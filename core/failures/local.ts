import { shellWord } from '../text/shell-quote'
import { failureRow } from './failure-row'
import { lookAgain, quote, retry } from './failure-words'
import { saidFacts, saidLine } from './said-facts'

/** This computer: its Nix, its keychain, its files. */
export const local = {
  LOCAL_WITHOUT_NIX: failureRow({
    helper: { names: ['no-nix'] },
    words: () => ({
      title: 'Nix is not installed on this computer',
      cause: 'Builders do the work of a Nix that runs here, and none was found.',
      remedy: 'Install Nix from https://nixos.org/download, then look again.',
      action: lookAgain,
    }),
  }),
  LOCAL_SINGLE_USER: failureRow({
    facts: { owner: 'optional' },
    helper: { names: ['single-user'] },
    words: ({ owner }) => ({
      title: owner ? `The Nix on this computer belongs to ${owner}` : 'There is no Nix store for you here',
      cause: owner
        ? `Its store is ${owner}’s, and nobody else builds with it.`
        : 'Nix has no daemon on this computer, and no store in /nix belongs to you.',
      remedy: owner
        ? `Run Millwright as ${owner}. Nothing was changed.`
        : 'Once there is one, look again. Nothing was changed.',
      action: lookAgain,
    }),
  }),
  LOCAL_DAEMON_DOWN: failureRow({
    facts: { said: 'optional' },
    helper: { names: ['local-daemon-down'], facts: saidLine },
    words: ({ said }) => ({
      title: 'The Nix daemon of this computer does not run',
      cause: quote(said ?? 'its socket is not there', said ? 'Nix says' : 'What was found'),
      remedy:
        'Start it (Linux: sudo systemctl start nix-daemon.socket; macOS: sudo launchctl kickstart system/org.nixos.nix-daemon), then try again.',
      action: lookAgain,
    }),
  }),
  LOCAL_DAEMON_UNMANAGED: failureRow({
    helper: { names: ['daemon-unmanaged'] },
    words: () => ({
      title: 'Nothing on this computer can restart the Nix daemon',
      cause:
        'It reads some settings only when it starts, and neither systemd nor launchd nor a script in /etc/init.d runs it here.',
      remedy: 'Have a service manager run the daemon, then try again. Nothing was changed.',
      action: lookAgain,
    }),
  }),
  LOCAL_WITHOUT_SSH: failureRow({
    helper: { names: ['no-ssh'] },
    words: () => ({
      title: 'There is no ssh program on this computer',
      cause: 'Nix reaches builders by it, and your SSH configuration is read by it; none was found.',
      remedy: 'Install OpenSSH’s client (Debian: sudo apt install openssh-client), then try again.',
      action: lookAgain,
    }),
  }),
  LOCAL_SSH_CONFIG_BROKEN: failureRow({
    facts: { path: 'optional', line: 'optional', said: 'optional' },
    helper: {
      names: ['ssh-config-broken'],
      facts: (heard) => ({ ...saidLine(heard), ...saidFacts(heard, ['path', 'line']) }),
    },
    words: ({ path, line, said }) => ({
      title: 'SSH on this computer stops at its own configuration',
      cause: said ? quote(said, 'It says') : 'It does not take a line of it.',
      remedy: `Correct ${line ? `line ${line} of ` : ''}${path ?? 'that file'}, then try again. Until then it reaches no machine at all.`,
      action: retry,
    }),
  }),
  BUILD_KEY_UNUSABLE: failureRow({
    facts: { path: 'optional', said: 'optional' },
    helper: {
      names: ['build-key-unusable'],
      facts: (heard) => ({ ...saidLine(heard), ...saidFacts(heard, ['path']) }),
    },
    words: ({ path, said }) => ({
      title: 'The key that builds log in with cannot be used',
      cause: `${said ? quote(said, 'ssh says') : 'ssh does not take it.'}${path ? ` It is kept in ${path}.` : ''}`,
      remedy: 'Remove the builder and add it again, which makes a new key.',
    }),
  }),
  ROOT_FILE_DECLARED: failureRow({
    facts: { path: 'optional' },
    helper: { names: ['root-file-declared'], facts: (heard) => saidFacts(heard, ['path']) },
    words: ({ path }) => ({
      title: `${path ?? 'A file of root’s'} is a link into the Nix store`,
      cause:
        'Some configuration makes it, such as Home Manager, and would undo what Millwright added. Nothing was changed.',
      remedy: 'Have that configuration leave this file alone, so that it is a plain one, then try again.',
      action: lookAgain,
    }),
  }),
  LOCAL_DECLARATIVE: failureRow({
    facts: { path: 'optional' },
    helper: { names: ['declarative'], facts: (heard) => saidFacts(heard, ['path']) },
    words: ({ path }) => ({
      title: `${path ?? 'The Nix configuration of this computer'} is made by a rebuild`,
      cause: 'It says so in its first lines: what Millwright added would be gone with the next one.',
      remedy: 'Declare the builder there yourself, in nix.buildMachines, and rebuild. Nothing was changed.',
      action: lookAgain,
    }),
  }),
  LOCAL_NIX_CONF_BROKEN: failureRow({
    facts: { path: 'optional', said: 'optional' },
    helper: {
      names: ['nix-conf-broken'],
      facts: (heard) => ({ ...saidLine(heard), ...saidFacts(heard, ['path']) }),
    },
    words: ({ path, said }) => ({
      title: 'Nix on this computer cannot read its configuration',
      cause: said
        ? `${quote(said, 'It says')} Every Nix command stops at that.`
        : 'Every Nix command stops at it. The details hold what Nix says.',
      remedy: `Correct ${path ? `the line in ${path}` : 'the line that it names'}, then look again. Nothing was changed.`,
      action: lookAgain,
    }),
  }),
  LOCAL_NIX_FILE_UNFIT: failureRow({
    facts: { path: 'required', what: 'required' },
    words: ({ path, what }) => ({
      title: `Nix on this computer cannot be asked: ${path} ${what}`,
      cause: 'Nix reads it whole before anything else, so that every Nix command waits for its end.',
      remedy: `Put a plain file in its place, or take it away: ls -l ${shellWord(path)}`,
      action: lookAgain,
    }),
  }),
  LOCAL_NIX_SILENT: failureRow({
    facts: { said: 'optional' },
    words: ({ said }) => ({
      title: 'Nix on this computer does not tell its settings',
      cause: said
        ? quote(said, 'Asked for them, it said')
        : 'Asked for them, it said nothing that Millwright knows.',
      remedy: 'See what it says to you, then look again: nix show-config',
      action: lookAgain,
    }),
  }),
  LOCAL_MACHINES_BROKEN: failureRow({
    facts: { path: 'optional', line: 'optional' },
    helper: { names: ['machines-broken'], facts: ({ detail }) => brokenLine(detail) },
    words: ({ path, line }) => ({
      title: 'The list of builders that was here before has a line that Nix cannot read',
      cause: `${line ? `Line ${line}` : 'A line'} of ${path ?? 'its machines file'} is wrong, and one is enough for Nix to use no builder at all.`,
      remedy: 'Correct the line as shown, then look again. Millwright does not change that file by itself.',
      action: lookAgain,
    }),
  }),
  BUILDS_RUNNING: failureRow({
    facts: { host: 'optional' },
    helper: { names: ['builds-running'] },
    script: { names: ['builds-running'], facts: () => ({}) },
    words: ({ host }) => ({
      title: 'Builds are running',
      cause: `The Nix daemon ${host ? `of ${host} ` : ''}has to restart once for this, which could end them.`,
      remedy: 'Try again when they are done, or restart it all the same.',
      action: retry,
    }),
  }),
  KEYCHAIN_UNAVAILABLE: failureRow({
    words: () => ({
      title: 'Your keychain does not answer',
      cause: 'It is locked, or no keychain service runs in this session.',
      remedy:
        'Unlock it and try again, or allow Millwright to keep its key in a file that only you can read.',
      action: retry,
    }),
  }),
  DATA_NEWER: failureRow({
    facts: { path: 'optional' },
    words: ({ path }) => ({
      title: 'A later Millwright wrote this',
      cause: `${path ?? 'One of your files'} says things that this version does not understand, so it is left as it is.`,
      remedy: 'Use the later version for this, or install it again.',
    }),
  }),
  DATA_UNWRITABLE: failureRow({
    facts: { path: 'required' },
    words: ({ path }) => ({
      title: 'Millwright cannot save its data',
      cause: `${path} cannot be written: the disk is full, or the folder is not yours.`,
      remedy: `Free some space or correct the owner, then try again: ls -ld ${shellWord(path)}`,
      action: retry,
    }),
  }),
  USER_CONF_READ_ONLY: failureRow({
    facts: { path: 'required' },
    words: ({ path }) => ({
      title: 'Your own Nix configuration cannot be written',
      cause: `The file ${path} is read-only for you, or lies on a disk that is.`,
      remedy: `Nothing was changed. See who may write there, then try again: ls -ld ${shellWord(path)}`,
      action: retry,
    }),
  }),
  USER_CONF_DECLARATIVE: failureRow({
    facts: { path: 'required', line: 'optional' },
    words: ({ path, line }) => ({
      title: 'Your own Nix configuration is made by a rebuild',
      cause: `The file ${path} is a link to what Home Manager or a system configuration wrote, so Millwright does not touch it.`,
      remedy: `Set it there instead, in nix.settings, and rebuild${line ? `: ${line}` : '.'}`,
      action: lookAgain,
    }),
  }),
  USER_CONF_CHANGED: failureRow({
    facts: { path: 'required' },
    words: ({ path }) => ({
      title: 'Your own Nix configuration was edited in the meantime',
      cause: `The file ${path} changed while Millwright was about to add or take out its line.`,
      remedy: 'That edit stands; nothing else was changed. Try again.',
      action: retry,
    }),
  }),
  MODES_CONFLICT: failureRow({
    facts: { setting: 'required', where: 'optional' },
    words: ({ setting, where }) => ({
      title: 'Then nothing could be built at all',
      cause: `The other mode is in force already: ${setting}${where ? ` in ${where}` : ', and not by your own switch'}.`,
      remedy: 'Nothing was changed. Turn the other one off where it was turned on, then try again.',
      action: lookAgain,
    }),
  }),
  MODE_REACHES_EVERYONE: failureRow({
    words: () => ({
      title: 'For root this would reach everyone',
      cause:
        'The Nix daemon runs as root and reads root’s own configuration: from its next start nobody here would build remotely.',
      remedy: 'Nothing was changed. Switch it as yourself, or pause the builders.',
    }),
  }),
  NOBODY_ELSE_HERE: failureRow({
    words: () => ({
      title: 'This Nix is yours alone',
      cause: 'Nobody else uses it, so there is no “for everyone” here.',
      remedy: 'Nothing was changed. Switch it for you, without --everyone.',
    }),
  }),
  NOTHING_SET_UP: failureRow({
    words: () => ({
      title: 'There is no builder yet',
      cause:
        'For everyone, Millwright writes beside its list of builders, and there is none on this computer.',
      remedy: 'Add a builder first, then try again.',
    }),
  }),
  AUTOSTART_FAILED: failureRow({
    facts: { path: 'optional' },
    words: ({ path }) => ({
      title: 'Starting at login could not be changed',
      cause: path ? `${path} could not be written.` : 'The desktop or systemd did not take it.',
      remedy: 'The details hold what was said. Nothing else has changed.',
      action: lookAgain,
    }),
  }),
}

/** `/etc/nix/machines:3: what is wrong`, as the helper says it. */
function brokenLine(detail: string) {
  const [, path, line] = /^(\/[^:\n]+):(\d+): /.exec(detail) ?? []
  return path && line ? { path, line } : {}
}
