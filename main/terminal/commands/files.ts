import { type Command, InvalidArgumentError } from 'commander'
import type { OwnedFile } from '../../../contract/helper'
import type { Terminal } from '../context'
import { printStep } from '../follow-job'
import { exitStatus } from '../io'
import { endWith, runJob } from '../run-job'

/** `millwright files`, `rollback` and `uninstall`. */
export function fileCommands(program: Command, terminal: Terminal): void {
  program
    .command('files')
    .description('every file and line that Millwright owns, on both sides')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) => files(terminal, options))
  program
    .command('rollback')
    .description('go back to an earlier configuration; without a number, to the one before')
    .argument('[generation]', 'its number', generation)
    .action((wanted: number | undefined) => rollback(terminal, wanted))
  program
    .command('uninstall')
    .description('take back everything that Millwright wrote on this computer; builders keep what is theirs')
    .option('--yes', 'do it without asking')
    .action((options: { yes?: boolean }) => uninstall(terminal, options))
}

async function files(terminal: Terminal, { json }: { json?: boolean }): Promise<void> {
  const { store } = await terminal.app()
  const { localFiles, builders } = store.snapshot()
  const remote = builders.map(({ id, remoteFiles }) => ({ builder: id, files: remoteFiles }))
  if (json) return terminal.io.out(`${JSON.stringify({ version: 1, local: localFiles, remote })}\n`)
  const print = (title: string, owned: readonly OwnedFile[]) =>
    terminal.io.out(`${title}\n${owned.map(fileText).join('') || '  nothing\n'}`)
  print('On this computer', localFiles)
  for (const { builder, files: owned } of remote) print(`On ${builder}`, owned)
}

function fileText({ path, mode, owns, content }: OwnedFile): string {
  const lines = (content ?? '').replace(/\n$/, '').split('\n')
  const body = content === undefined ? '' : lines.map((line) => `      ${line}\n`).join('')
  return `  ${mode} ${path}${owns === 'line' ? ' (one line)' : ''}\n${body}`
}

async function rollback(terminal: Terminal, wanted: number | undefined): Promise<void> {
  const { handlers } = await terminal.app()
  const input = wanted === undefined ? {} : { generation: wanted }
  const given = { yes: true, trustNewHostKey: false }
  endWith(terminal, await runJob(terminal, handlers['roll-back'](input), given, printStep(terminal.io)))
}

async function uninstall(terminal: Terminal, { yes = false }: { yes?: boolean }): Promise<void> {
  const { io } = terminal
  if (!yes && !io.interactive) {
    io.err('millwright: taking everything back needs your consent: add --yes.\n')
    return terminal.end(exitStatus.answerNeeded)
  }
  const asked = 'Take back everything on this computer? What was made on builders stays there. [y/N] '
  if (!yes && !/^y(es)?$/i.test(await io.prompt(asked, false))) return terminal.end(exitStatus.cancelled)
  const { handlers } = await terminal.app()
  const given = { yes: true, trustNewHostKey: false }
  endWith(terminal, await runJob(terminal, handlers.uninstall({}), given, printStep(io)))
}

function generation(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('This is not the number of a generation.')
  return Number(text)
}
