import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type MachinesDialect, parseMachines } from '../core/machines'
import { parseNixConf } from '../core/nix-conf'
import { run, said } from './process'
import { Refusal } from './refusal'
import { currentLink, type System } from './system'

const nixCommand = ['nix', '--extra-experimental-features', 'nix-command']

export interface MachinesText {
  readonly path: string
  readonly text: string
}

/** Every effective setting as Nix itself reads the files. Fails with what Nix says is wrong in them. */
export async function showConfig(
  system: System,
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const shown = await run(system, [...nixCommand, 'show-config', '--json'], { timeoutMs: 20_000, env })
  if (shown.missing) throw new Refusal('UNSUPPORTED', 'no-nix', 'There is no Nix on this computer.')
  if (shown.status !== 0) throw new Refusal('NEEDS_ATTENTION', 'nix-conf-broken', said(shown))
  const settings = JSON.parse(shown.stdout) as Record<string, { value?: unknown }>
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]))
}

/** Refuses a computer whose Nix is not there, belongs to one person, or cannot read its own files. */
export async function checkLocalNix(system: System): Promise<void> {
  await showConfig(system)
  if (!existsSync(system.daemonSocket)) {
    throw new Refusal('UNSUPPORTED', 'single-user', 'This Nix has no daemon: no part of it is root’s.')
  }
  const existing = readExistingBuilders(system)
  const broken = brokenMachines(system, existing)
  if (broken) throw new Refusal('NEEDS_ATTENTION', 'machines-broken', broken)
}

/** The value of `builders` without ours: the last one in nix.conf and what it includes, or Nix's default. */
export function readExistingBuilders(system: System): string {
  const found = lastBuilders(`${system.nixConfigDirectory}/nix.conf`, currentLink(system), 0)
  return found ?? `@${system.nixConfigDirectory}/machines`
}

function lastBuilders(path: string, ours: string, depth: number): string | undefined {
  if (path.startsWith(`${ours}/`) || depth > 20 || !existsSync(path)) return undefined
  const { settings, includes } = parseNixConf(readFileSync(path, 'utf8'), path)
  const own = settings
    .filter(({ name }) => name === 'builders')
    .map(({ line, value }): { line: number; value: string | undefined } => ({ line, value }))
  const included = includes.map((include) => ({
    line: include.line,
    value: lastBuilders(resolve(dirname(path), include.path), ours, depth + 1),
  }))
  return [...own, ...included]
    .sort((a, b) => a.line - b.line)
    .filter(({ value }) => value !== undefined)
    .at(-1)?.value
}

/** The machines files of others that `builders` names, as far as they are there. */
export function foreignMachines(system: System, existing: string): MachinesText[] {
  const ours = `${currentLink(system)}/`
  return includesOf(existing)
    .filter((path) => !path.startsWith(ours) && existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

function includesOf(existing: string): string[] {
  return [...new Set(parseMachines(existing, 'old').includes)].map((path) => resolve('/', path))
}

/** `FILE:LINE: what Nix says` of the first line of others that stops every builder, in either way of reading. */
function brokenMachines(system: System, existing: string): string | undefined {
  const texts = [
    { path: `${system.nixConfigDirectory}/nix.conf`, text: existing },
    ...foreignMachines(system, existing),
  ]
  const dialects: readonly MachinesDialect[] = ['old', 'new']
  for (const { path, text } of texts) {
    for (const dialect of dialects) {
      const problem = parseMachines(text, dialect, { fractions: true }).problems.find(
        ({ stopsAll }) => stopsAll,
      )
      if (problem) return `${path}:${problem.line}: ${problem.message}`
    }
  }
  return undefined
}
