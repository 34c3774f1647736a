import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { PublicKey } from '../../../contract/grammar'
import { readImport } from '../../../core/export/read-import'
import { dialectOf } from '../../../core/nix/machines'
import { parseNixVersion } from '../../../core/nix/nix-version'
import { cleanLine } from '../../../core/text/clean-text'
import type { Terminal } from '../context'
import { exitStatus } from '../io'
import { type LoginOptions, presetAnswers, withLoginOptions } from '../options'
import { runAdd } from './add'

interface Options extends LoginOptions {
  readonly dryRun?: boolean
}

/** `millwright import`: adds what a machines file, or an export of ours, names. */
export function importCommands(program: Command, terminal: Terminal): void {
  const command = program
    .command('import')
    .description('add each builder of a machines file, or of what export --json printed')
    .argument('<file>', 'the file; - reads standard input')
  withLoginOptions(command)
    .option('--dry-run', 'show the plan for each and change nothing')
    .action((file: string, options: Options) => importFile(terminal, file, options))
}

async function importFile(terminal: Terminal, file: string, options: Options): Promise<void> {
  const { io } = terminal
  const text = await readText(terminal, file)
  if (text === undefined) return terminal.end(exitStatus.failed)
  const { store } = await terminal.app()
  const version = parseNixVersion(store.snapshot().nix?.version ?? '')
  const { entries, skipped } = readImport(text, version ? dialectOf(version) : 'old')
  const given =
    file === '-'
      ? { yes: options.yes ?? false, trustNewHostKey: options.trustNewHostKey ?? false }
      : await presetAnswers(options, io)
  for (const { what, why } of skipped) io.err(`Left out: ${cleanLine(what, 200)}: ${cleanLine(why, 200)}.\n`)
  if (entries.length === 0) {
    io.err(`millwright: ${cleanLine(file, 200)} names no builder that can be added.\n`)
    return terminal.end(exitStatus.failed)
  }
  let worst: number = skipped.length > 0 ? exitStatus.failed : exitStatus.done
  for (const { address, options: wanted, hostKeys } of entries) {
    io.out(`${address}\n`)
    const end = (status: number) => {
      worst = Math.max(worst, status)
    }
    const expectedHostKeys = hostKeys.map((key) => ({ type: key.type, fingerprint: fingerprint(key) }))
    const preset = { ...given, expectedHostKeys, dryRun: options.dryRun ?? false }
    await runAdd({ ...terminal, end }, { address, options: wanted }, preset, false)
    if (worst === exitStatus.cancelled) break
  }
  terminal.end(worst)
}

async function readText({ io }: Terminal, file: string): Promise<string | undefined> {
  try {
    return file === '-' ? await io.readInput() : readFileSync(file, 'utf8')
  } catch (error) {
    const said = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    io.err(`millwright: ${cleanLine(file, 200)} cannot be read (${said}).\n`)
    return undefined
  }
}

/** As ssh-keygen(1) -l prints it. */
function fingerprint({ key }: PublicKey): string {
  const hash = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
  return `SHA256:${hash.replace(/=+$/, '')}`
}
