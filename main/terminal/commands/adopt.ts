import type { Command } from 'commander'
import * as g from '../../../contract/grammar'
import { findUnmanaged } from '../../../core/nix/other-lines'
import { cleanLine } from '../../../core/text/clean-text'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { exitStatus } from '../io'
import { grammar } from '../options'
import { endWith, runJob } from '../run-job'

interface Options {
  readonly name?: string
  readonly yes?: boolean
}

/** `millwright adopt`: a builder that others wrote becomes one of ours. */
export function adoptCommands(program: Command, terminal: Terminal): void {
  program
    .command('adopt')
    .description('take over a builder that others wrote into a machines file; nothing on it changes')
    .argument('<name>', 'as list shows it: its name, or FILE:LINE')
    .option('--name <id>', 'what to call it', grammar(g.BuilderId, 'a name: a-z, 0-9 and -, at most 32'))
    .option('--yes', 'consent to moving its line')
    .action((name: string, options: Options) => adopt(terminal, name, options))
}

async function adopt(terminal: Terminal, name: string, { name: id, yes = false }: Options): Promise<void> {
  const { io } = terminal
  const { handlers, store } = await terminal.app()
  const found = findUnmanaged(store.snapshot().unmanaged, name)
  const [one, ...more] = found
  const refuse = (sentence: string) => {
    io.err(`millwright: ${sentence}\n`)
    terminal.end(exitStatus.failed)
  }
  const shown = cleanLine(name, 200)
  if (!one) return refuse(`no builder of others is called ${shown}; millwright list shows which there are.`)
  if (more.length > 0)
    return refuse(`${shown} is each of ${found.map(({ where }) => where).join(', ')}: say which by that.`)
  if (one.key === undefined) return refuse(`root has not read ${one.where}, so it cannot be moved.`)
  const started = handlers['adopt-builder']({ line: one.key, ...(id === undefined ? {} : { id }) })
  const outcome = await runJob(terminal, started, { yes, trustNewHostKey: false }, printStep(io))
  if ('job' in outcome && !outcome.job.failure)
    io.out(
      `${outcome.job.builderId} is managed by Millwright now. To give its line back: millwright remove ${outcome.job.builderId}\n`,
    )
  endWith(terminal, outcome)
}
