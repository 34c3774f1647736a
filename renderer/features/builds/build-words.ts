import type { BuildFeed, FinishedBuild, RunningBuild } from '../../../contract/builds'
import { isProofName } from '../../../core/builds/proof-name'
import { formatAbout, formatBytes } from '../../../core/text/format'

/** `hello-2.12`, or that nobody says. */
export const nameOf = ({ name }: Pick<RunningBuild, 'name'>): string =>
  isProofName(name) ? 'Millwright’s test build' : name || 'a build without a name'

/** What it does now: `phase build`, `copying 12 of 34 MiB there`. */
export function activityWords({ activity, phase, copied, builder }: RunningBuild): string {
  const how = copied ? ` ${partWords(copied.doneBytes, copied.totalBytes)}` : ''
  switch (activity) {
    case 'waiting':
      // With a place on a builder its turn has come: what is left is to connect.
      return builder === undefined ? 'waiting for its turn' : 'starting'
    case 'copying-inputs':
      if (builder === undefined) return copied ? `fetching${how}` : 'fetching what it needs'
      return copied ? `copying${how} there` : 'copying what it needs there'
    case 'copying-outputs':
      return copied ? `copying${how} back` : 'copying the result back'
    case 'building':
      return phase === undefined ? 'building' : `phase ${phase.replace(/Phase$/, '') || phase}`
  }
}

/** `12 of 34 MiB`, `0.9 MiB of 2.1 GiB`. */
function partWords(done: number, total: number): string {
  const [whole, unit] = formatBytes(total).split(' ')
  const [part, partUnit] = formatBytes(Math.min(done, total)).split(' ')
  return partUnit === unit ? `${part} of ${whole} ${unit}` : `${part} ${partUnit} of ${whole} ${unit}`
}

/** `about 5 min left`, from how long builds of its name took of late. */
export function leftWords({ expectedMs, activity }: RunningBuild, elapsedMs: number): string | undefined {
  if (expectedMs === undefined || activity === 'waiting') return undefined
  const leftMs = expectedMs - elapsedMs
  if (leftMs > 0) return `about ${formatAbout(leftMs)} left`
  return elapsedMs > 1.2 * expectedMs ? `longer than its usual ${formatAbout(expectedMs)}` : 'nearly done'
}

const feeds: Record<BuildFeed, string> = {
  'json-log': 'Known from Nix’s own log: names, phases and the last lines of each build.',
  'nix-ps': 'Known from Nix’s own list of its builds.',
  locks:
    'Known from Nix’s locks. Nix 2.30 tells phases and logs too, once json-log-path is set for its daemon.',
  processes:
    'Known from the processes that run here. Nix 2.30 tells names, phases and logs too, once json-log-path is set for its daemon.',
  none: 'Nothing here tells what Nix builds: neither its log, its locks nor its processes can be read.',
}

/** Where the knowledge on this screen comes from, and what therefore is missing. */
export const feedWords = (feed: BuildFeed): string => feeds[feed]

/** How it ended, in a word. */
export const outcomeWord: Readonly<Record<FinishedBuild['outcome'], string>> = {
  built: 'Built',
  failed: 'Failed',
  unknown: 'Ended',
}
