import { confProblem } from '../causes/conf-problem'
import { failureRow } from './failure-row'
import {
  atLogin,
  builderName,
  copyCommand,
  edit,
  machine,
  onMachine,
  quote,
  retry,
  sshCommand,
  withLogin,
} from './failure-words'
import { saidFacts, saidLine, saidMachine } from './said-facts'

/** How a service manager starts the daemon, by its name in `RemoteFacts.nix.daemonManager`. */
const startCommands: ReadonlyMap<string, string> = new Map([
  ['systemd', 'systemctl start nix-daemon'],
  ['openrc', 'rc-service nix-daemon start'],
  ['runit', 'sv start nix-daemon'],
  ['s6', 's6-svc -u /run/service/nix-daemon'],
  ['dinit', 'dinitctl start nix-daemon'],
  ['sysv', '/etc/init.d/nix-daemon start'],
])

/** What was found on a builder, and changing it. */
export const remote = {
  REMOTE_SYSTEM_UNSUPPORTED: failureRow({
    facts: { ...onMachine, system: 'optional' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} runs ${facts.system ?? 'a system'} that cannot be a builder here`,
      cause: 'Millwright sets up Linux and macOS machines.',
      remedy: 'Choose another machine, or a Linux virtual machine on this one.',
      action: edit,
    }),
  }),
  REMOTE_WITHOUT_USERADD: failureRow({
    facts: onMachine,
    script: { names: ['no-useradd'] },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} has no program that Millwright can make a user with`,
      cause: 'Builds log in as a user of their own there, and neither useradd nor adduser was found.',
      remedy: 'Install it there (Debian: the package passwd; Alpine: shadow), then try again.',
      action: retry,
    }),
  }),
  REMOTE_NIX_CONF_BROKEN: failureRow({
    facts: { ...onMachine, path: 'optional' },
    helper: {
      names: ['remote-conf-broken'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['path']) }),
    },
    script: {
      names: ['nix-conf'],
      facts: ({ text }) => pathIn(text),
      detail: ({ text }) => text,
    },
    words: (facts) => ({
      title: `Nix on ${machine(facts)} cannot read its own configuration`,
      cause: `A line of ${facts.path ?? 'its nix.conf'} there is wrong; every Nix command stops at it. The details name the line.`,
      remedy: 'Correct that line there, then try again. Nothing was changed.',
      action: retry,
    }),
  }),
  REMOTE_DECLARATIVE: failureRow({
    facts: { ...onMachine, declarative: 'required' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} is configured by ${facts.declarative === 'nix-darwin' ? 'nix-darwin' : 'NixOS'}`,
      cause:
        'Its files are made by a rebuild, so whatever Millwright wrote there would be lost or in the way.',
      remedy:
        'Declare a user for builds there yourself, trusted by its Nix, and rebuild; or choose another machine. Nothing was changed.',
      action: retry,
    }),
  }),
  REMOTE_SYSTEM_NOT_BUILDABLE: failureRow({
    facts: { ...onMachine, wanted: 'required', systems: 'required' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} cannot build for ${facts.wanted}`,
      cause: `It builds for ${facts.systems}.`,
      remedy: 'Leave that system out, or set up emulation there (binfmt on Linux, Rosetta on macOS).',
      action: edit,
    }),
  }),
  REMOTE_USER_NOT_TRUSTED: failureRow({
    facts: { ...onMachine, user: 'optional', why: 'optional', conf: 'optional' },
    helper: { names: ['not-trusted'] },
    words: (facts) => {
      const who = facts.user ?? 'the user that builds log in as'
      const title = `Nix on ${machine(facts)} does not trust ${who}`
      if (facts.conf) {
        return {
          title,
          cause: `${facts.conf} there has ${who} trusted, and its daemon goes by something else: root’s own nix.conf, or the environment or the options of its service, may have the last word.`,
          remedy: `Look for trusted-users in ~/.config/nix/nix.conf of root there, and in what systemctl cat nix-daemon shows; name ${who} in it too or take it out, restart the daemon, then try again.`,
          action: retry,
        }
      }
      const line = facts.user === undefined ? undefined : `extra-trusted-users = ${facts.user}`
      return {
        title,
        cause: facts.why
          ? `It builds for a remote user whose name is in trusted-users, and ${facts.why}.`
          : 'Nix of this version builds for a remote user only when its name is in trusted-users.',
        remedy: line
          ? `Add this to /etc/nix/nix.conf there and restart its Nix daemon: ${line}`
          : 'Add that user to trusted-users in /etc/nix/nix.conf there, and restart its Nix daemon.',
        action: line ? copyCommand(line) : retry,
      }
    },
  }),
  REMOTE_USER_NOT_ALLOWED: failureRow({
    facts: { ...onMachine, user: 'optional', said: 'optional' },
    helper: {
      names: ['not-allowed'],
      facts: (heard) => ({ ...saidMachine(heard), ...saidFacts(heard, ['user']), ...saidLine(heard) }),
    },
    words: (facts) => ({
      title: `Nix on ${machine(facts)} does not serve ${facts.user ?? 'the user that builds log in as'}`,
      cause: quote(facts.said ?? 'not allowed to connect to the Nix daemon', 'It says'),
      remedy: 'See whom allowed-users in /etc/nix/nix.conf there lets in, then test again.',
      action: retry,
    }),
  }),
  REMOTE_PATH_UNSIGNED: failureRow({
    facts: { ...onMachine, said: 'optional' },
    helper: { names: ['not-signed'], facts: (heard) => ({ ...saidMachine(heard), ...saidLine(heard) }) },
    words: (facts) => ({
      title: `Nix on ${machine(facts)} takes no path without a signature that it knows`,
      cause: quote(facts.said ?? 'lacks a signature by a trusted key', 'It says'),
      remedy:
        'Remove the builder and add it again: Millwright shows what it would change there before it does.',
      action: retry,
    }),
  }),
  REMOTE_DAEMON_DOWN: failureRow({
    facts: { ...onMachine, said: 'optional', manager: 'optional' },
    builderIs: 'nix-broken',
    helper: { names: ['remote-daemon-down'], facts: saidLine },
    script: { names: ['daemon-down'], facts: ({ text }) => ({ manager: text }) },
    words: (facts) => {
      const command = startCommands.get(facts.manager ?? '')
      return {
        title: `The Nix daemon on ${builderName(facts)} does not run`,
        cause: facts.said ? quote(facts.said, 'Its Nix says') : 'It was asked there, and it did not answer.',
        remedy: command
          ? `Start it there, as root, then try again: ${command}`
          : 'Start it there the way that machine starts it (Linux with systemd: sudo systemctl start nix-daemon.socket; macOS: sudo launchctl kickstart system/org.nixos.nix-daemon), then try again.',
        action: command ? copyCommand(command) : retry,
      }
    },
  }),
  REMOTE_USER_UNFIT: failureRow({
    facts: { ...onMachine, user: 'required', owner: 'optional' },
    words: (facts) => ({
      title: `Builds cannot log in to ${machine(facts)} as ${facts.user}`,
      cause: facts.owner
        ? `The Nix there belongs to ${facts.owner}, and nobody else can write its store.`
        : 'Builds never log in as root, nor under a name that Nix’s own files cannot hold.',
      remedy: facts.owner
        ? `Log in as ${facts.owner}, or as somebody who may become root there.`
        : 'Log in as another user of that machine.',
      action: edit,
    }),
  }),
  REMOTE_SSHD_REFUSES: failureRow({
    facts: { ...onMachine, reason: 'required', user: 'optional' },
    words: (facts) => ({
      title: `The SSH server of ${machine(facts)} would not serve builds`,
      cause: `Its configuration (sshd_config) says so: ${facts.reason}.`,
      remedy: `Change that for the user ${facts.user ?? 'of builds'} there, reload sshd, then try again. Millwright never changes sshd’s configuration.`,
      action: retry,
    }),
  }),
  REMOTE_CONF_DECLARED: failureRow({
    facts: { ...onMachine, path: 'required' },
    script: { names: ['conf-declared'], facts: ({ text }) => ({ path: text }) },
    words: (facts) => ({
      title: `Nix’s configuration on ${machine(facts)} is made by something else`,
      cause: `${facts.path} is a link into the Nix store, as Home Manager makes it. A line of Millwright’s would be gone with the next one.`,
      remedy: `Let what makes it include ~/.local/share/millwright/nix.conf, or make it a file of your own; then try again. Nothing was changed there.`,
    }),
  }),
  SUBSTITUTER_NEEDS_ROOT: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `${builder} cannot vouch for what it builds`,
      cause:
        'A key that signs must be root’s alone over there, and Millwright set this builder up without root, or not from here.',
      remedy: 'Remove it and add it again, logging in as somebody who may become root there.',
    }),
  }),
  KEYS_NOT_FROM_HERE: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `The keys to ${builder} cannot be renewed from here`,
      cause: 'Millwright has no note of who set it up, and over which login.',
      remedy: `Whoever added it can: millwright rotate-key ${builder}. Or remove it and add it again, which makes new keys.`,
    }),
  }),
  SUDO_PASSWORD_WRONG: failureRow({
    facts: { host: 'required', user: 'required' },
    words: ({ host, user }) => ({
      title: `${host} did not take the password for becoming root`,
      cause: `It is the password of ${user} on that machine, not on this one.`,
      remedy: 'Try again. Millwright does not guess a second time, so that the account is not locked.',
      action: retry,
    }),
  }),
  SUDO_NOT_ALLOWED: failureRow({
    facts: { ...onMachine, user: 'required', said: 'optional' },
    script: { names: ['not-root'], facts: ({ text }) => ({ user: text }) },
    words: (facts) => ({
      title: `${facts.user} may not become root on ${machine(facts)}`,
      cause: facts.said
        ? `It was asked, and said: “${facts.said}”.`
        : 'Its sudo does not let this user do so, or there is no sudo.',
      remedy: 'Log in as a user who may, or as root, for this one set-up. Builds never run as root.',
      action: edit,
    }),
  }),
  REMOTE_DISK_FULL: failureRow({
    facts: { ...atLogin, path: 'required' },
    helper: {
      names: ['remote-disk-full'],
      facts: (heard) => ({ ...saidMachine(heard), path: heard.said?.facts.path ?? 'what was to be written' }),
    },
    script: { names: ['disk-full'], facts: ({ text }) => ({ path: text }) },
    words: (facts) => {
      const { host, user, port, path } = facts
      const title = `The disk of ${machine(facts)} is full`
      const cause = `There is no room left for ${path}.`
      // Old builds are in the store; another disk of that machine is not theirs.
      if (path.startsWith('/') && !path.startsWith('/nix/')) {
        const look = withLogin(' To see which is full, in bytes or in files: ', facts, ' "df -h; df -i"')
        return { title, cause, remedy: `Free some space there, then try again.${look}`, action: retry }
      }
      const command = host && `${sshCommand({ host, user, port })} nix-collect-garbage`
      return {
        title,
        cause,
        remedy: `Free some space, then try again. ${command ? `Old builds often take the most: ${command}` : 'Old builds often take the most: nix-collect-garbage deletes them.'}`,
        action: command ? copyCommand(command) : retry,
      }
    },
  }),
  REMOTE_SCRIPT_FAILED: failureRow({
    facts: { ...atLogin, step: 'required', work: 'optional', instead: 'optional' },
    script: {
      names: [
        'write-failed',
        'busy',
        'daemon-restart',
        'user-taken',
        'user-failed',
        'home-unusual',
        'key-failed',
        'no-key',
        'sign-failed',
        'not-provisioned',
      ],
      facts: ({ step }) => ({ step }),
      detail: ({ name, text }) => `${name}: ${text}`,
    },
    words: (facts) => ({
      title: scriptTitle(facts.work, facts.step, machine(facts)),
      cause:
        facts.instead === 'silent'
          ? 'What runs there for that ended before its time, and nothing was said of why.'
          : 'A command there failed. The details hold what it said.',
      remedy:
        facts.instead === 'silent'
          ? `A start-up file of that login may take the input, or limit what runs (ulimit).${withLogin(' This should print “here”: echo echo here | ', facts, ' /bin/sh')}`
          : 'Put right what the details name, then try again.',
      action: retry,
    }),
  }),
  PLAN_DECLINED: failureRow({
    words: () => ({
      title: 'Not approved',
      cause: 'You looked at what would be done and said no, or nobody was there to say yes.',
      remedy: 'Nothing was changed. Start again whenever you like.',
      action: retry,
    }),
  }),
}

/** Nothing has been set up while it is only looked at. */
function scriptTitle(work: string | undefined, step: string, where: string): string {
  if (step === 'inspect') return `Looking around on ${where} broke off`
  return `${work === 'clean-up' ? 'Cleaning up' : 'Setting up'} ${where} stopped at “${step}”`
}

/** The file whose line Nix over there does not take, as it says so. */
function pathIn(text: string): { readonly path?: string } {
  const path = confProblem(text)?.facts.path
  return path === undefined ? {} : { path }
}
