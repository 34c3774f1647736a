import type { FailureCode } from '../../contract/failure'
import { lookAgain, retry, showBuilder, type WordsFor } from './facts'

/** What watching finds, and the little that goes with it. */
export const wordsOfWatching = {
  REMOTE_NIX_GONE: (say) => ({
    title: `The Nix of ${say.builder} is gone`,
    cause: say.has('path')
      ? `The machine answers, but there is no ${say.fact('path', '')} any more: Nix was removed, moved or is being upgraded.`
      : 'The machine answers, but Nix is not where it was: it was removed, moved or is being upgraded.',
    remedy: 'Install Nix there again, then test the builder; or remove the builder here and add it anew.',
    action: retry,
  }),
  REMOTE_CLOCK_WRONG: (say) => ({
    title: `The clock of ${say.builder} is ${say.fact('offset', 'far off')}`,
    cause: 'Builds that compare times of files may fail or build again, and so may certificates there.',
    remedy: 'Let that machine take its time from the network (Linux: timedatectl set-ntp true).',
    action: showBuilder,
  }),
  REMOTE_DISK_LOW: (say) => ({
    title: say.has('free')
      ? `${say.Builder} has ${say.fact('free', '')} of space left`
      : `${say.Builder} is running out of space`,
    cause: say.has('fullIn')
      ? `At the pace of late its store is full in about ${say.fact('fullIn', '')}. Builds fail then.`
      : 'Old builds fill its store. When it is full, builds fail.',
    remedy: 'Delete what nobody needs there: Free space, on the page of the builder, shows how much that is.',
    action: showBuilder,
  }),
  REMOTE_OVERLOADED: (say) => ({
    title: `${say.Builder} is busy with other things`,
    cause: say.has('load')
      ? `Its load is ${say.fact('load', '')} on ${say.fact('cpus', 'its')} CPUs. Builds there take longer than usual.`
      : `It takes ${say.fact('latency', 'long')} to answer. Builds there take longer than usual.`,
    remedy: 'Wait, or give it fewer jobs. Pause it to build elsewhere meanwhile.',
    action: showBuilder,
  }),
  REMOTE_SCRIPTS_OUTDATED: (say) => ({
    title: `${say.Builder} was set up by another Millwright`,
    cause:
      'The scripts over there are of another edition than this one, and cannot say how the machine does.',
    remedy: 'Remove the builder and add it again; builds go on meanwhile.',
    action: showBuilder,
  }),
  COLLECT_FAILED: (say) => ({
    title: `Freeing space on ${say.builder} did not get through`,
    cause:
      'Its Nix stopped before the end. What it had deleted by then is freed; nothing that is needed is lost.',
    remedy: 'The details hold what it said. Put that right, then try again.',
    action: retry,
  }),
  NOT_WATCHED: (say) => ({
    title: `Millwright has no key of its own to ${say.builder}`,
    cause: say.has('jump')
      ? `It is reached through ${say.fact('jump', '')}, where only the key for builds is let through.`
      : 'No keychain was there when it was added, and you declined a file; or it was added on another computer, or by an earlier Millwright; or that key is damaged.',
    remedy: say.has('jump')
      ? 'Do it on that machine itself; builds work all the same.'
      : 'Remove the builder and add it again from here; builds work all the same.',
    action: showBuilder,
  }),
  AUTOSTART_FAILED: (say) => ({
    title: 'Starting at login could not be changed',
    cause: say.has('path')
      ? `${say.fact('path', '')} could not be written.`
      : 'The desktop or systemd did not take it.',
    remedy: 'The details hold what was said. Nothing else has changed.',
    action: lookAgain,
  }),
} satisfies Partial<Record<FailureCode, WordsFor>>
