import type { Command } from 'commander'
import type { AddOptions, CommandInput } from '../../../contract/commands'
import type { Protocol } from '../../../contract/grammar'
import * as g from '../../../contract/grammar'
import { formatDuration } from '../../../core/text/format'
import type { PresetAnswers } from '../answer-question'
import type { Terminal } from '../context'
import { ensureHelper } from '../ensure-helper'
import { printStep, type ShowStep } from '../follow-job'
import { grammar, type LoginOptions, list, presetAnswers, wholeNumber, withLoginOptions } from '../options'
import { endWith, runJob } from '../run-job'
import { failureJson } from '../text/failure-text'
import { testJson } from '../text/json'
import { planText } from '../text/plan-text'

interface Options extends LoginOptions {
  readonly name?: string
  readonly identity?: string
  readonly protocol?: Protocol
  readonly wrapper?: string
  readonly systems?: string[]
  readonly features?: string[]
  readonly mandatoryFeatures?: string[]
  readonly maxJobs?: number
  readonly speedFactor?: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `millwright add`: from SSH access to a proven build. */
export function addCommands(program: Command, terminal: Terminal): void {
  const command = program
    .command('add')
    .description('make a machine you can log in to a builder, and prove it with a build')
    .argument('<[user@]host[:port]>')
    .option('--name <id>', 'what to call it', grammar(g.BuilderId, 'a name: a-z, 0-9 and -, at most 32'))
    .option('--identity <file>', 'the private key to log in with')
  withLoginOptions(command)
    .option('--protocol <ssh-ng|ssh>', 'how Nix talks to it', grammar(g.Protocol, 'ssh-ng or ssh'))
    .option(
      '--wrapper <name>',
      'the program there that leads to Nix, such as nix-user-chroot',
      grammar(g.ProgramName, 'the name of a program, without a folder'),
    )
    .option('--systems <a,b>', 'systems to offer', list(g.Systems, 'a list of systems'))
    .option('--features <a,b>', 'features to offer', list(g.Features, 'a list of features'))
    .option(
      '--mandatory-features <a,b>',
      'features a build must ask for',
      list(g.Features, 'a list of features'),
    )
    .option('--max-jobs <n>', 'builds at once', wholeNumber(g.MaxJobs, 'a number from 1 to 1024'))
    .option(
      '--speed-factor <n>',
      'how fast against other builders',
      wholeNumber(g.SpeedFactor, 'a number from 1 to 1000'),
    )
    .option('--dry-run', 'show the plan and stop')
    .option('--json', 'print one JSON document a line')
    .action((address: string, options: Options) => add(terminal, address, options))
}

async function add(terminal: Terminal, address: string, options: Options): Promise<void> {
  const given = { ...(await presetAnswers(options, terminal.io)), dryRun: options.dryRun ?? false }
  await runAdd(terminal, { address, options: addOptions(options) }, given, options.json ?? false)
}

/** Adds one machine, and says how it ended. */
export async function runAdd(
  terminal: Terminal,
  input: CommandInput<'add-builder'>,
  given: PresetAnswers,
  json: boolean,
): Promise<void> {
  const { io } = terminal
  if (!given.dryRun) await ensureHelper(terminal, given.yes)
  const { handlers } = await terminal.app()
  const print = (document: unknown) => io.out(`${JSON.stringify(document)}\n`)
  const printDocument: ShowStep = ({ name, state, durationMs }, change) => {
    if (change === 'state')
      print({ step: name, state, ...(durationMs === undefined ? {} : { ms: durationMs }) })
  }
  const show = json ? printDocument : printStep(io)
  const outcome = await runJob(terminal, handlers['add-builder'](input), given, show)
  const job = 'job' in outcome ? outcome.job : undefined

  if (given.dryRun && job?.plan) {
    if (json) print({ result: 'planned', plan: job.plan })
    else io.out(planText(job.plan))
    return terminal.end(0)
  }
  if (json) {
    print(
      job && !job.failure
        ? {
            result: 'added',
            id: job.builderId,
            durationMs: job.durationMs,
            proof: testJson(job.builderId, job.proof),
          }
        : {
            result: 'failed',
            ...('failure' in outcome
              ? { step: outcome.failure.step, failure: failureJson(outcome.failure) }
              : {}),
            leftBehind: job?.leftBehind ?? [],
          },
    )
  } else if (job?.proof && !job.failure) {
    io.out(
      `${job.builderId} is ready. Built on ${job.proof.builtOn} in ${formatDuration(job.proof.durationMs)}.\n`,
    )
  }
  endWith(terminal, outcome)
}

function addOptions(options: Options): AddOptions {
  const { name: id, identity: identityFile, features: supportedFeatures } = options
  const { protocol, wrapper, systems, mandatoryFeatures, maxJobs, speedFactor } = options
  const all = {
    id,
    identityFile,
    protocol,
    wrapper,
    systems,
    supportedFeatures,
    mandatoryFeatures,
    maxJobs,
    speedFactor,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
