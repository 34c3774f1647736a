import type { Command } from 'commander'
import type { BuildsView, FinishedBuild, RunningBuild } from '../../../contract/builds'
import { cleanLine } from '../../../core/text/clean-text'
import { formatAbout, formatAgo, formatBytes, formatDuration, formatElapsed } from '../../../core/text/format'
import { probeOnce } from '../app-view'
import type { Terminal } from '../context'
import { table } from '../text/table'

/** `millwright builds`: what is built where, whoever asked, and what was. */
export function buildsCommands(program: Command, terminal: Terminal): void {
  program
    .command('builds')
    .description('what is being built where, for whom, and what was')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: { json?: boolean }) => {
      const app = await terminal.app()
      await probeOnce(app)
      const { builds } = app.store.snapshot()
      terminal.io.out(
        json ? `${JSON.stringify({ version: 1, ...builds })}\n` : buildsText(builds, Date.now()),
      )
    })
}

/** Running and finished builds as two tables. */
export function buildsText({ feed, running, finished }: BuildsView, nowMs: number): string {
  if (feed === 'none') return 'Nothing on this computer tells what is being built.\n'
  const whatRuns =
    running.length > 0
      ? table(
          ['Building', 'Where', 'For', 'Elapsed', 'Now'],
          running.map((build) => [...named(build), elapsedText(build, nowMs), activityText(build)]),
        )
      : 'Nothing is being built.\n'
  const whatRan =
    finished.length > 0
      ? `\n${table(
          ['Built', 'Where', 'For', 'Took', 'Ended'],
          finished.map((build) => [...named(build), formatDuration(build.durationMs), endText(build, nowMs)]),
        )}`
      : ''
  return `${whatRuns}${whatRan}`
}

function named({ name, builder, user }: RunningBuild | FinishedBuild): string[] {
  return [cleanLine(name, 60) || '?', builder === undefined ? 'here' : cleanLine(builder, 60), user ?? '?']
}

function elapsedText({ startedAt, expectedMs }: RunningBuild, nowMs: number): string {
  const elapsed = formatElapsed(nowMs - Date.parse(startedAt))
  return expectedMs === undefined ? elapsed : `${elapsed} of about ${formatAbout(expectedMs)}`
}

const activityWords: Record<RunningBuild['activity'], string> = {
  waiting: 'waiting',
  'copying-inputs': 'copying there',
  building: 'building',
  'copying-outputs': 'copying back',
}

function activityText({ activity, phase, copied }: RunningBuild): string {
  const words = phase === undefined ? activityWords[activity] : cleanLine(phase, 40)
  return copied ? `${words}, ${formatBytes(copied.doneBytes)} of ${formatBytes(copied.totalBytes)}` : words
}

function endText({ startedAt, durationMs, outcome }: FinishedBuild, nowMs: number): string {
  const ago = formatAgo(nowMs - Date.parse(startedAt) - durationMs)
  return outcome === 'failed' ? `${ago}, failed` : ago
}
