import { failureRow } from './failure-row'
import { copyCommand, machine, onMachine, retry } from './failure-words'

/** What root on a builder finds for itself, and will not go on with. Nothing has been made there by then. */
export const remoteRoot = {
  REMOTE_NOT_ROOTS: failureRow({
    facts: { ...onMachine, reason: 'required' },
    script: { names: ['not-trusted-there'], facts: ({ text }) => ({ reason: text }) },
    words: (facts) => ({
      title: `Others than root can change what builds would run on ${machine(facts)}`,
      cause: `${facts.reason}. What root runs or edits there has to be root’s alone, with every folder above it.`,
      remedy:
        'Let an administrator put the owner or the mode of that right, or use a Nix there that belongs to the whole machine; then try again. Nothing was changed there.',
      action: retry,
    }),
  }),
  REMOTE_LOOK_DIFFERS: failureRow({
    facts: { ...onMachine, reason: 'required' },
    script: { names: ['look-differs'], facts: ({ text }) => ({ reason: text }) },
    words: (facts) => ({
      title: `Root on ${machine(facts)} found something else than your login there was told`,
      cause: `Root found: ${facts.reason}.`,
      remedy:
        'Log in there as another user, or put right what that login’s start-up files set, then try again. Nothing was changed there.',
      action: retry,
    }),
  }),
  REMOTE_FACTS_ODD: failureRow({
    facts: { ...onMachine, what: 'required' },
    words: (facts) => ({
      title: `${machine(facts, 'The machine')} says something of itself that Millwright does not go on with`,
      cause: `It names ${facts.what}.`,
      remedy:
        'Look at what the start-up files of your login there set, or log in as another user, then try again. Nothing was changed.',
      action: retry,
    }),
  }),
  REMOTE_GROUP_POWERFUL: failureRow({
    facts: { ...onMachine, group: 'required' },
    script: { names: ['group-powerful'], facts: ({ text }) => ({ group: text }) },
    words: (facts) => ({
      title: `Nix on ${machine(facts)} listens only to the group ${facts.group}`,
      cause: `Its daemon’s socket is kept for ${facts.group}, whose members may do more there than build. Millwright puts no user for builds into it.`,
      remedy:
        'Let an administrator keep the socket for a group of its own (Debian has nix-users), then try again. Nothing was changed there.',
      action: retry,
    }),
  }),
  REMOTE_DAEMON_UNMANAGED: failureRow({
    facts: { ...onMachine, line: 'required' },
    script: { names: ['daemon-unmanaged'], facts: ({ text }) => ({ line: text }) },
    words: (facts) => ({
      title: `The Nix daemon on ${machine(facts)} has to be restarted by hand`,
      cause:
        'No service manager there runs it, and it reads whom to trust only when it starts. Nothing was changed there.',
      remedy: `Add this line to its nix.conf, restart the daemon the way you start it, then try again: ${facts.line}`,
      action: copyCommand(facts.line),
    }),
  }),
}
