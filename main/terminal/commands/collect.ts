import type { Command } from 'commander'
import * as g from '../../../contract/grammar'
import type { JobView } from '../../../contract/job'
import { formatBytes, plural } from '../../../core/text/format'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { grammar } from '../options'
import { endWith, runJob } from '../run-job'
import { failureJson } from '../text/failure-text'

interface Options {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `millwright collect`: free space on a builder. */
export function collectCommands(program: Command, terminal: Terminal): void {
  program
    .command('collect')
    .description('delete what nothing on a builder needs any more')
    .argument('<id>', 'the builder', grammar(g.BuilderId, 'a name of a builder'))
    .option('--dry-run', 'show how much that is and stop')
    .option('--yes', 'delete it without asking')
    .option('--json', 'print one JSON document')
    .action((id: string, options: Options) => collect(terminal, id, options))
}

async function collect(terminal: Terminal, id: string, options: Options): Promise<void> {
  const { dryRun = false, yes = false, json = false } = options
  const { handlers } = await terminal.app()
  const given = { yes, dryRun, trustNewHostKey: false }
  const show = json ? () => undefined : printStep(terminal.io)
  const outcome = await runJob(terminal, handlers['collect-garbage']({ id }), given, show)
  const garbage = 'job' in outcome ? outcome.job.garbage : undefined
  // Declined as soon as it is counted: that is what was asked for.
  const isDryRun = dryRun && garbage !== undefined
  const failure = 'failure' in outcome && !isDryRun ? outcome.failure : undefined
  if (json) {
    const document = failure
      ? { ok: false, builder: id, failure: failureJson(failure) }
      : { ok: true, builder: id, ...garbage }
    terminal.io.out(`${JSON.stringify(document)}\n`)
  } else if (garbage && !failure) terminal.io.out(endText(id, garbage))
  endWith(terminal, isDryRun ? {} : outcome)
}

function endText(id: string, { found, freed }: NonNullable<JobView['garbage']>): string {
  if (found.paths === 0) return `There is nothing to free on ${id}.\n`
  if (freed) return `Freed ${formatBytes(freed.bytes)} on ${id}.\n`
  return `${plural(found.paths, 'path')} on ${id} can go, about ${formatBytes(found.bytes)}.\n`
}
