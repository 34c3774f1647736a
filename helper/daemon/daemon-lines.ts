import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { InTheWay } from '../../contract/daemon'
import { confProblem } from '../../core/causes/conf-problem'
import { isOtherHook } from '../../core/nix/build-hook'
import { type BuilderLines, readBuilderLines } from '../../core/nix/builder-lines'
import { confFiles, confTexts, lastPlace } from '../../core/nix/effective-settings'
import { findInTheWay } from '../../core/nix/in-the-way'
import { dialectOf } from '../../core/nix/machines'
import { parseNixConf } from '../../core/nix/nix-conf'
import { isAtLeast, type NixVersion, parseNixVersion, speedFactorFractions } from '../../core/nix/nix-version'
import type { SettingPlace } from '../../core/nix/setting-place'
import { Refusal } from '../protocol/refusal'
import { readIfAllowed } from '../system/caller'
import { showSettings, valuesOf } from '../system/local-nix'
import { run } from '../system/process'
import { currentLink, nixConfPath, type System } from '../system/system'
import { type DaemonSettings, placeInUnit } from './daemon-settings'

/** What the settings of the daemon come to, and which line says so. */
export interface DaemonLines {
  readonly shown: Readonly<Record<string, unknown>>
  readonly lines: BuilderLines
  readonly inTheWay: InTheWay | undefined
  /** The files of others that these were read from. */
  readonly files: readonly string[]
}

/** As real Nix reads them, or why it cannot; `unknown` where it ended for another reason. Fails with UNSUPPORTED, no-nix. */
export async function readDaemonLines(
  system: System,
  service: DaemonSettings,
): Promise<DaemonLines | InTheWay | 'unknown'> {
  const version = await readVersion(system)
  const home = service.env.HOME ?? system.home
  const [systemConf = ''] = system.confFiles
  const env = { NIX_CONF_DIR: dirname(systemConf), ...service.env }
  const files = confFiles({ env, homeDir: home, hasConfigHome: readsConfigHome(version) })
  const read = (file: string) => (file === 'NIX_CONFIG' ? service.env.NIX_CONFIG : readIfAllowed(file))
  const texts = confTexts([...files, 'NIX_CONFIG'], read)
  try {
    // Nix 2.8 stops where it may not look into its home; what an ordinary user would see there is nothing anyway.
    const seen = process.geteuid?.() === system.owner ? env : { ...env, HOME: '/nonexistent' }
    const settings = await showSettings(system, seen, service.options)
    const shown = valuesOf(settings)
    const placeOf = (name: string) => placeOfSetting(system, service, [...files, 'NIX_CONFIG'], read, name)
    const place = await placeOf('builders')
    const hook = settings['build-hook']
    const dialect = version ? dialectOf(version) : 'old'
    const fractions = version ? speedFactorFractions(version) : false
    const value = String(shown.builders ?? '')
    const fallback = { file: systemConf, line: 0 }
    const lines = readBuilderLines(value, place ?? fallback, { dialect, fractions, read: readIfAllowed })
    const evidence = {
      otherHook:
        hook && isOtherHook(hook)
          ? ((await placeOf('build-hook')) ?? { file: 'What the Nix daemon reads', line: 0 })
          : undefined,
      mainFile: fallback.file,
      ourFile: nixConfPath(system),
      include: `${currentLink(system)}/nix.conf`,
      ourMachines: `${currentLink(system)}/machines`,
      otherFolder: service.env.NIX_CONF_DIR ? await placeOfVariable(system, 'NIX_CONF_DIR') : undefined,
    }
    const found = findInTheWay({ ...evidence, texts, read: readIfAllowed, place, lines })
    const others = [...texts.keys()].filter((file) => !file.startsWith(`${currentLink(system)}/`))
    return { shown, lines, inTheWay: found && withoutSecrets(found), files: others }
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== 'nix-conf-broken') throw error
    return brokenConf(texts, error.detail) ?? 'unknown'
  }
}

async function readVersion(system: System): Promise<NixVersion | undefined> {
  // A broken nix.conf stops even --version, so this one reads none.
  const blind = { NIX_CONF_DIR: '/nonexistent', NIX_USER_CONF_FILES: '' }
  return parseNixVersion((await run(system, ['nix', '--version'], { timeoutMs: 20_000, env: blind })).stdout)
}

function readsConfigHome(version: NixVersion | undefined): boolean {
  return version !== undefined && version.flavour !== 'lix' && isAtLeast(version, 2, 25)
}

const defaultsOf: Readonly<Record<string, string>> = {
  builders: 'NIX_REMOTE_SYSTEMS',
  'build-hook': 'NIX_BUILD_HOOK',
}

/** The last word about a setting: an option, then the files, then the variable that is the default. */
async function placeOfSetting(
  system: System,
  { env, options }: DaemonSettings,
  files: readonly string[],
  read: (file: string) => string | undefined,
  name: string,
): Promise<SettingPlace | undefined> {
  if (options.some(([option]) => option === name)) {
    const place = await placeInUnit(system, name)
    return place ?? { file: 'an option of the Nix daemon’s service', line: 0 }
  }
  const place = lastPlace(files, [name], read)
  if (place?.file === 'NIX_CONFIG') return await placeOfVariable(system, 'NIX_CONFIG')
  const variable = defaultsOf[name] ?? ''
  return place || !env[variable] ? place : await placeOfVariable(system, variable)
}

async function placeOfVariable(system: System, name: string): Promise<SettingPlace> {
  if (system.whose === 'person') return { file: `${name} of your own environment`, line: 0 }
  return (await placeInUnit(system, name)) ?? { file: `${name} of the Nix daemon’s service`, line: 0 }
}

/** Nix names the line or the file; ours are read in the same order, and the first that Nix cannot take is it. */
function brokenConf(texts: ReadonlyMap<string, string | undefined>, said: string): InTheWay | undefined {
  for (const [file, text] of texts) {
    const { problems, includes } = parseNixConf(text ?? '', file)
    const lost = includes.find(({ path, optional }) => !optional && !existsSync(resolveBeside(file, path)))
    const line = problems[0]?.line ?? lost?.line
    if (line !== undefined) return withoutSecrets({ cause: 'conf-broken', file, line, said })
  }
  const problem = confProblem(said)
  if (!problem) return undefined
  const file = problem.facts.path ?? [...texts.keys()][0] ?? ''
  return withoutSecrets({ cause: 'conf-broken', file, said: problem.line })
}

function resolveBeside(file: string, path: string): string {
  return path.startsWith('/') ? path : `${file.slice(0, file.lastIndexOf('/') + 1)}${path}`
}

/** Who asks may be anybody: what a file says is told only where everybody may read it. */
function withoutSecrets({ said, ...found }: InTheWay): InTheWay {
  const isPublic = existsSync(found.file) && (statSync(found.file).mode & 0o004) !== 0
  return said !== undefined && isPublic ? { ...found, said } : found
}
