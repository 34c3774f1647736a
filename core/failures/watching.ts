import { failureRow } from './failure-row'
import { type FailureWords, lookAgain, quote, retry, showBuilder } from './failure-words'
import { saidHost, saidLine } from './said-facts'

/** Facts of what keeps Nix from builders: the builder, where it is one's own; and the place that decides, `FILE:LINE`. */
const atPlace = { builder: 'optional', where: 'required' } as const
/** `list`: where Millwright's machines are on this computer. */
const atPlaceWithList = { ...atPlace, list: 'optional' } as const
const usualList = '/etc/nix/millwright/current/machines'

const title = (builder: string | undefined, why: string) =>
  `Nix does not use ${builder ?? 'your builders'}${why}`
const resume = (builder: string | undefined) => `millwright resume ${builder ?? 'and the name of a builder'}`
const restart = 'Then restart the Nix daemon.'

/** A builder that is registered and on, and that the Nix daemon would send nothing to. */
const notUsed = {
  NIX_LINE_LOST: failureRow({
    facts: atPlace,
    words: ({ builder, where }): FailureWords => ({
      title: title(builder, ': Millwright’s line is gone'),
      cause: `Millwright’s line is no longer in ${where}, so the Nix daemon does not read the list of builders.`,
      remedy: `Put the line back, here or in a terminal: ${resume(builder)}`,
      action: { label: 'Put the line back', kind: 'resume' },
    }),
  }),
  NIX_CUSTOM_NOT_INCLUDED: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ': nix.custom.conf is not read'),
      cause: `Millwright’s line is in nix.custom.conf, and ${where} does not include that file.`,
      remedy: `Add this line at the end of ${where}: !include nix.custom.conf. ${restart}`,
      action: lookAgain,
    }),
  }),
  NIX_LINE_OVERRIDDEN: failureRow({
    facts: atPlaceWithList,
    words: ({ builder, where, list }) => ({
      title: title(builder, ': another line decides'),
      cause: `${where} decides about builders after Millwright’s line has, and Nix goes by the last word.`,
      remedy: `Take it out there, or add ;@${list ?? usualList} to its value. ${restart}`,
      action: lookAgain,
    }),
  }),
  NIX_OTHER_FOLDER: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ': its daemon reads another folder'),
      cause: `${where} has the Nix daemon read its settings from another folder than /etc/nix, where Millwright’s line is.`,
      remedy: `Take that out there, or add this line to the nix.conf of that folder: !include /etc/nix/millwright/current/nix.conf. ${restart}`,
      action: lookAgain,
    }),
  }),
  NIX_OTHER_HOOK: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ': it asks another program'),
      cause: `${where} sets build-hook. Nix’s own program for that is what goes by the list of builders, and it is not asked then.`,
      remedy: `Take build-hook out there. ${restart}`,
      action: lookAgain,
    }),
  }),
  DAEMON_SHUT_IN: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: `The Nix daemon cannot get to ${builder ?? 'your builders'}`,
      cause: `Its service is kept from what it takes to log in: see ${where}. The details name it.`,
      remedy: `Let the service have it, by a drop-in (sudo systemctl edit nix-daemon). ${restart}`,
      action: lookAgain,
    }),
  }),
  OWN_LINE_OVERRIDES: failureRow({
    facts: atPlaceWithList,
    words: ({ builder, where, list }) => ({
      title: `Your own builds do not use ${builder ?? 'your builders'}`,
      cause: `${where} sets builders for you, and the Nix daemon trusts you, so your own list takes the place of the system’s.`,
      remedy: `Take it out there, or add ;@${list ?? usualList} to its value.`,
      action: lookAgain,
    }),
  }),
  OWN_STORE: failureRow({
    facts: { ...atPlace, store: 'required' },
    words: ({ builder, where, store }) => ({
      title: `Your own builds do not go to ${builder ?? 'your builders'}`,
      cause: `${where} has your Nix use another store, ${store}; builders are used by the daemon of this computer alone.`,
      remedy: 'Take that out where your builds are to use them.',
      action: lookAgain,
    }),
  }),
  DAEMON_CONF_BROKEN: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ': its daemon cannot read its settings'),
      cause: `The Nix daemon cannot read its settings: ${where} stops it, so that no build goes through it.`,
      remedy: `Correct that place. ${restart}`,
      action: lookAgain,
    }),
  }),
  MACHINE_LINE_BROKEN: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ': it cannot read its list'),
      cause: `Nix cannot read the builder at ${where}, and then it uses none at all.`,
      remedy: 'Correct or remove that line. It counts from the next build on.',
      action: lookAgain,
    }),
  }),
  SSH_LINE_LOST: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: `Root’s ssh does not know ${builder ?? 'your builders'}`,
      cause: `Root’s ssh does not know Millwright’s names of builders: its Include line in ${where} is gone, or comes too late there.`,
      remedy: `Put the line back, here or in a terminal: ${resume(builder)}`,
      action: { label: 'Put the line back', kind: 'resume' },
    }),
  }),
  DAEMON_NOT_RESTARTED: failureRow({
    facts: atPlace,
    words: ({ builder, where }) => ({
      title: title(builder, ' until its daemon restarts'),
      cause: `The files are right by now, but the Nix daemon that runs was started when ${where} said otherwise.`,
      remedy: `Restart the Nix daemon, here or in a terminal: ${resume(builder)}`,
      action: { label: 'Restart the daemon', kind: 'resume' },
    }),
  }),
  NO_BUILDER_FOR_SYSTEM: failureRow({
    facts: { system: 'required' },
    words: ({ system }) => ({
      title: `Then nothing could be built for ${system}`,
      cause:
        'This computer would build nothing itself, and Nix goes by no builder that takes builds for its system.',
      remedy: 'Nothing was changed. Resume or add a builder for it, then try again.',
      action: retry,
    }),
  }),
} as const

/** What watching a builder finds, and the little that goes with it. */
export const watching = {
  ...notUsed,
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
