import { failureRow } from './failure-row'
import { quote, retry, showBuilder } from './failure-words'
import { saidHost, saidLine } from './said-facts'

/** What watching a builder finds, and the little that goes with it. */
export const watching = {
  REMOTE_NIX_GONE: failureRow({
    facts: { builder: 'required', said: 'optional' },
    builderIs: 'nix-broken',
    helper: {
      names: ['remote-nix-gone'],
      facts: (heard) => ({
        builder: 'id' in heard.request ? heard.request.id : saidHost(heard).host,
        ...saidLine(heard),
      }),
    },
    words: ({ builder, said }) => ({
      title: `The Nix of ${builder} is gone`,
      cause: `The machine answers, but Nix is not where it was.${said ? ` ${quote(said, 'It says')}` : ''}`,
      remedy: 'Install Nix there again, then test the builder; or remove the builder here and add it anew.',
      action: retry,
    }),
  }),
  REMOTE_CLOCK_WRONG: failureRow({
    facts: { builder: 'required', offset: 'required' },
    words: ({ builder, offset }) => ({
      title: `The clock of ${builder} is ${offset}`,
      cause: 'Builds that compare times of files may fail or build again, and so may certificates there.',
      remedy: 'Let that machine take its time from the network (Linux: timedatectl set-ntp true).',
      action: showBuilder,
    }),
  }),
  REMOTE_DISK_LOW: failureRow({
    facts: { builder: 'required', free: 'optional', fullIn: 'optional' },
    words: ({ builder, free, fullIn }) => ({
      title: free ? `${builder} has ${free} of space left` : `${builder} is running out of space`,
      cause: fullIn
        ? `At the pace of late its store is full in about ${fullIn}. Builds fail then.`
        : 'Old builds fill its store. When it is full, builds fail.',
      remedy:
        'Delete what nobody needs there: Free space, on the page of the builder, shows how much that is.',
      action: showBuilder,
    }),
  }),
  REMOTE_OVERLOADED: failureRow({
    facts: { builder: 'required', load: 'optional', cpus: 'optional', latency: 'optional' },
    words: ({ builder, load, cpus, latency }) => ({
      title: `${builder} is busy with other things`,
      cause: `${load ? `Its load is ${load} on ${cpus ?? 'its'} CPUs` : `It takes ${latency ?? 'long'} to answer`}. Builds there take longer than usual.`,
      remedy: 'Wait, or pause it to build elsewhere meanwhile.',
      action: showBuilder,
    }),
  }),
  REMOTE_SCRIPTS_OUTDATED: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `${builder} was set up by another Millwright`,
      cause: 'The scripts over there are of another version, and cannot tell this one what it asks.',
      remedy: 'Remove the builder and add it again; builds go on meanwhile.',
      action: showBuilder,
    }),
  }),
  COLLECT_FAILED: failureRow({
    facts: { builder: 'required' },
    words: ({ builder }) => ({
      title: `Freeing space on ${builder} did not get through`,
      cause:
        'It stopped before the end. What it had deleted by then is freed; nothing that is needed is lost.',
      remedy: 'The details hold what it said. Put that right, then try again.',
      action: retry,
    }),
  }),
  COLLECT_DECLINED: failureRow({
    facts: { builder: 'required' },
    exit: 'cancelled',
    words: ({ builder }) => ({
      title: `Nothing was deleted on ${builder}`,
      cause: 'You looked at how much can go and said no.',
      remedy: 'Start again whenever you like.',
      action: retry,
    }),
  }),
  NOT_WATCHED: failureRow({
    facts: { builder: 'required', jump: 'optional' },
    words: ({ builder, jump }) => ({
      title: `Millwright has no key of its own to ${builder}`,
      cause: jump
        ? `It is reached through ${jump}, where only the key for builds is let through.`
        : 'No keychain was there when it was added, and you declined a file; or it was added on another computer, or by an earlier Millwright; or that key is damaged.',
      remedy: jump
        ? 'Do it on that machine itself; builds work all the same.'
        : 'Remove the builder and add it again from here; builds work all the same.',
      action: showBuilder,
    }),
  }),
}
