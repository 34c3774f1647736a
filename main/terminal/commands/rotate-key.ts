import type { Command } from 'commander'
import * as g from '../../../contract/grammar'
import type { Terminal } from '../context'
import { printStep, type ShowStep } from '../follow-job'
import { grammar, type LoginOptions, presetAnswers, withLoginOptions } from '../options'
import { endWith, runJob } from '../run-job'
import { failureJson } from '../text/failure-text'
import { testJson } from '../text/json'
import { planText } from '../text/plan-text'

interface Options extends LoginOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `millwright rotate-key`: new keys to a builder, in force once they have built. */
export function rotateKeyCommands(program: Command, terminal: Terminal): void {
  const command = program
    .command('rotate-key')
    .description('renew the keys to a builder; the old ones are in force until the new ones have built')
    .argument('<id>', 'the builder', grammar(g.BuilderId, 'a name of a builder'))
  withLoginOptions(command)
    .option('--dry-run', 'show the plan and stop')
    .option('--json', 'print one JSON document a line')
    .action((id: string, options: Options) => rotateKey(terminal, id, options))
}

async function rotateKey(terminal: Terminal, id: string, options: Options): Promise<void> {
  const { io } = terminal
  const given = { ...(await presetAnswers(options, io)), dryRun: options.dryRun ?? false }
  const { handlers } = await terminal.app()
  const print = (document: unknown) => io.out(`${JSON.stringify(document)}\n`)
  const printDocument: ShowStep = ({ name, state, durationMs }, change) => {
    if (change === 'state')
      print({ step: name, state, ...(durationMs === undefined ? {} : { ms: durationMs }) })
  }
  const show = options.json ? printDocument : printStep(io)
  const outcome = await runJob(terminal, handlers['rotate-key']({ id }), given, show)
  const job = 'job' in outcome ? outcome.job : undefined
  const failure = 'failure' in outcome ? outcome.failure : undefined
  if (given.dryRun && job?.plan) {
    if (options.json) print({ result: 'planned', plan: job.plan })
    else io.out(planText(job.plan))
    return terminal.end(0)
  }
  if (options.json)
    print(
      failure
        ? {
            result: 'failed',
            ...{ step: failure.step, failure: failureJson(failure) },
            leftBehind: job?.leftBehind ?? [],
          }
        : { result: 'renewed', id, durationMs: job?.durationMs, proof: testJson(id, job?.proof) },
    )
  else if (job?.proof && !failure)
    io.out(`The keys to ${id} are new. Built on ${job.proof.builtOn} by the new one alone.\n`)
  endWith(terminal, outcome)
}
