import { type Command, Option } from 'commander'
import * as g from '../../../contract/grammar'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { createFailure } from '../../../core/failures/failure'
import { prometheusText } from '../../../core/status/prometheus'
import { probeOnce } from '../app-view'
import type { Terminal } from '../context'
import { exitStatus } from '../io'
import { grammar } from '../options'
import { endWith } from '../run-job'
import { watchStatus } from '../status-watch'
import { failureText } from '../text/failure-text'
import { statusJson } from '../text/status-json'
import { builderStatusText, statusText } from '../text/status-text'

interface Options {
  readonly watch?: boolean
  readonly json?: boolean
  readonly prometheus?: boolean
}

/** `millwright status`: how builders do, as they say themselves now. */
export function statusCommands(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('how the builders do now, and what they build')
    .argument(
      '[id]',
      'that builder alone, with all that is known',
      grammar(g.BuilderId, 'a name of a builder'),
    )
    .option('--watch', 'go on looking until Ctrl-C')
    .option('--json', 'print one JSON document; with --watch, then one a line for each change')
    .addOption(
      new Option('--prometheus', 'print metrics for a textfile collector').conflicts(['watch', 'json']),
    )
    .action((id: string | undefined, options: Options) => status(terminal, id, options))
}

async function status(terminal: Terminal, id: string | undefined, options: Options): Promise<void> {
  const { io } = terminal
  const app = await terminal.app()
  const has = app.store.state().builders.some((builder) => builder.id === id)
  if (id !== undefined && !has)
    return endWith(terminal, { failure: createFailure('NO_SUCH_BUILDER', { builder: id }) })
  const shown = () => only(app.store.snapshot(), id)
  const text = id === undefined ? statusText : oneText
  if (options.watch) {
    const following = app.follow(id)
    const status = await watchStatus(
      { io, app, shown, text, probed: following.probed },
      options.json ?? false,
    )
    following.stop()
    return terminal.end(status)
  }
  const pinging = id === undefined ? app.handlers['ping-unmanaged']({}) : undefined
  await probeOnce(app, id)
  await pinging
  const snapshot = shown()
  const nowMs = Date.now()
  const { state, installCommand } = snapshot.helper
  if (state === 'outdated')
    io.err(failureText({ code: 'HELPER_OUTDATED', facts: { command: installCommand } }))
  // Status 0, so that `&& mv` puts the metrics in place also when they tell of a lost builder.
  if (options.prometheus) return io.out(prometheusText(snapshot))
  if (options.json) io.out(`${JSON.stringify(statusJson(snapshot, nowMs))}\n`)
  else io.out(text(snapshot, nowMs))
  terminal.end(snapshot.builders.every(isWell) ? exitStatus.done : exitStatus.failed)
}

/** The part of the snapshot that is asked for. */
function only(snapshot: Snapshot, id: string | undefined): Snapshot {
  if (id === undefined) return snapshot
  return { ...snapshot, builders: snapshot.builders.filter((builder) => builder.id === id) }
}

function oneText(snapshot: Snapshot, nowMs: number): string {
  return snapshot.builders.map((builder) => builderStatusText(builder, snapshot, nowMs)).join('')
}

/** A paused one is as the person wants it; one that we suspended is not. */
function isWell({ enabled, suspendedSince, state }: BuilderView): boolean {
  const isWanted = enabled || suspendedSince !== undefined
  return !isWanted || state === 'ready' || state === 'building'
}
