import { connect } from 'node:net'
import { dirname, resolve } from 'node:path'
import { confProblem } from '../../core/causes/conf-problem'
import { dialectOf, parseMachines } from '../../core/nix/machines'
import { parseNixConf } from '../../core/nix/nix-conf'
import { parseNixVersion, speedFactorFractions } from '../../core/nix/nix-version'
import { Refusal } from '../protocol/refusal'
import { readIfAllowed } from './caller'
import { findInstallation } from './find-installation'
import { outputOf, run } from './process'
import { currentLink, type System } from './system'

const nixCommand = ['nix', '--extra-experimental-features', 'nix-command']

export interface MachinesText {
  readonly path: string
  readonly text: string
}

/** Every effective setting as Nix itself reads the files. Fails with what Nix says is wrong in them. */
export async function showConfig(
  ...asked: Parameters<typeof showSettings>
): Promise<Readonly<Record<string, unknown>>> {
  return valuesOf(await showSettings(...asked))
}

/** A setting with what it is where nobody sets it, which Nix 2.3 does not tell. */
export interface ShownSetting {
  readonly value?: unknown
  readonly defaultValue?: unknown
}

export function valuesOf(
  settings: Readonly<Record<string, ShownSetting>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]))
}

/** The same with the defaults. */
export async function showSettings(
  system: System,
  env: Readonly<Record<string, string>> = {},
  options: readonly (readonly [name: string, value: string])[] = [],
): Promise<Readonly<Record<string, ShownSetting>>> {
  const given = options.flatMap(([name, value]) => ['--option', name, value])
  const show = (words: readonly string[]) =>
    run(system, [...nixCommand, ...words, '--json', ...given], { timeoutMs: 20_000, env })
  const old = await show(['show-config'])
  const isUnknown = old.status !== 0 && /is not a recogni[sz]ed command/.test(old.stderr)
  const shown = isUnknown ? await show(['config', 'show']) : old // its name from Nix 2.20 on
  if (shown.missing) throw new Refusal('UNSUPPORTED', 'no-nix', 'There is no Nix on this computer.')
  if (shown.status !== 0)
    throw new Refusal('NEEDS_ATTENTION', 'nix-conf-broken', outputOf(shown), confProblem(shown.stderr))
  return JSON.parse(shown.stdout) as Record<string, ShownSetting>
}

/** Refuses a computer whose Nix is not there, belongs to one person, or cannot read its own files. */
export async function checkLocalNix(system: System): Promise<void> {
  await showConfig(system)
  await requireDaemon(system)
  const existing = readExistingBuilders(system)
  const broken = await brokenMachines(system, existing)
  if (broken) throw new Refusal('NEEDS_ATTENTION', 'machines-broken', broken)
}

/**
 * A daemon that is stopped is not one that was never there. Fails with UNSUPPORTED, single-user, and NEEDS_ATTENTION,
 * local-daemon-down.
 */
async function requireDaemon({ whose, top, daemonSocket }: System): Promise<void> {
  if (whose === 'person') return
  const problem = await whySilent(daemonSocket)
  if (problem === undefined) return
  if (problem === 'ENOENT' && findInstallation(top).kind !== 'daemon')
    throw new Refusal('UNSUPPORTED', 'single-user', 'This Nix has no daemon: no part of it is root’s.')
  const words = problem === 'ENOENT' ? 'is not there' : 'lets nobody in'
  const line = `The socket ${daemonSocket} ${words} (${problem})`
  throw new Refusal('NEEDS_ATTENTION', 'local-daemon-down', `${line}.`, {
    line,
    facts: { path: daemonSocket },
  })
}

/** Why a socket cannot be connected to, as connect(2) names it; undefined: it can. */
function whySilent(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once('connect', () => end(undefined))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code ?? 'unknown'))
  })
}

/** What of a file is to be seen, if anything. */
type Read = (path: string) => string | undefined

/** The value of `builders` without ours: the last one in Nix's files and what they include, or Nix's default. */
export function readExistingBuilders(system: System, read: Read = readIfAllowed): string {
  const found = system.confFiles.map((path) => lastBuilders(path, currentLink(system), read, 0))
  return found.findLast((value) => value !== undefined) ?? `@${system.usualMachines}`
}

function lastBuilders(path: string, ours: string, read: Read, depth: number): string | undefined {
  if (path.startsWith(`${ours}/`) || depth > 20) return undefined
  const { settings, includes } = parseNixConf(read(path) ?? '', path)
  const own = settings
    .filter(({ name }) => name === 'builders')
    .map(({ line, value }): { line: number; value: string | undefined } => ({ line, value }))
  const included = includes.map((include) => ({
    line: include.line,
    value: lastBuilders(resolve(dirname(path), include.path), ours, read, depth + 1),
  }))
  return [...own, ...included]
    .sort((a, b) => a.line - b.line)
    .filter(({ value }) => value !== undefined)
    .at(-1)?.value
}

/** The machines files of others that `builders` names, as far as they are there and to be seen. */
export function foreignMachines(
  system: System,
  existing: string,
  read: Read = readIfAllowed,
): MachinesText[] {
  const ours = `${currentLink(system)}/`
  const paths = parseMachines(existing, 'old').includes.map((path) => resolve('/', path))
  return [...new Set(paths)]
    .filter((path) => !path.startsWith(ours))
    .flatMap((path) => {
      const text = read(path)
      return text === undefined ? [] : [{ path, text }]
    })
}

/** `FILE:LINE: what Nix says` of the first line of others that keeps this Nix from every builder. */
async function brokenMachines(system: System, existing: string): Promise<string | undefined> {
  const { stdout } = await run(system, ['nix', '--version'], { timeoutMs: 20_000 })
  const version = parseNixVersion(stdout)
  if (!version) return undefined
  const fractions = speedFactorFractions(version)
  const inline = { path: system.confFiles[0] ?? '', text: existing }
  return [inline, ...foreignMachines(system, existing)]
    .flatMap(({ path, text }) =>
      parseMachines(text, dialectOf(version), { fractions }).problems.map((problem) => ({
        path,
        ...problem,
      })),
    )
    .filter(({ stopsAll }) => stopsAll)
    .map(({ path, line, message }) => `${path}:${line}: ${message}`)[0]
}
