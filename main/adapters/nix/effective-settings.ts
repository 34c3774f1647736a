import { existsSync, realpathSync, statSync } from 'node:fs'
import { confProblem } from '../../../core/causes/conf-problem'
import { readBuilderLines } from '../../../core/nix/builder-lines'
import {
  confFiles,
  confTexts,
  type EffectiveSettings,
  lastPlace,
  parseShownConfig,
  type ShownConfig,
} from '../../../core/nix/effective-settings'
import { isDeclaredPath } from '../../../core/nix/installation'
import { dialectOf } from '../../../core/nix/machines'
import {
  isAtLeast,
  type NixVersion,
  parseNixVersion,
  speedFactorFractions,
} from '../../../core/nix/nix-version'
import type { SettingPlace } from '../../../core/nix/setting-place'
import { cleanText } from '../../../core/text/clean-text'
import { findInstallation } from '../../../helper/system/find-installation'
import { fail } from '../../failures'
import { NotPlainFileError, readPlainTextSync } from '../data/read-file'
import { runProgram } from '../system/run-program'

const timeoutMs = 20_000

/**
 * What Nix says of its settings. `show-config` became `config show` in Nix 2.20. Fails with LOCAL_NIX_CONF_BROKEN where
 * it says that, and else with LOCAL_NIX_SILENT.
 */
export async function showConfig(nix: string, env: NodeJS.ProcessEnv = process.env): Promise<ShownConfig> {
  let said = ''
  for (const words of [['show-config'], ['config', 'show']]) {
    const argv = [nix, '--extra-experimental-features', 'nix-command', ...words, '--json']
    const { status, stdout, stderr, ended } = await runProgram(argv, { timeoutMs, env })
    const shown = status === 0 ? parseShownConfig(stdout) : undefined
    if (shown) return shown
    said ||= stderr
    // By its other name it would be as late.
    if (ended === 'timed-out')
      return fail('LOCAL_NIX_SILENT', { said: `nothing within ${timeoutMs / 1000} s` })
  }
  const problem = confProblem(said)
  if (!problem) {
    const line = cleanText(said).trim().split('\n').at(-1)
    return fail('LOCAL_NIX_SILENT', line ? { said: line } : {}, cleanText(said))
  }
  const { path } = problem.facts
  return fail('LOCAL_NIX_CONF_BROKEN', { ...(path ? { path } : {}), said: problem.line }, cleanText(said))
}

/** A pipe or a device among the files that Nix reads to their end, before Nix is asked and waits for that. */
function requirePlainFiles(files: readonly string[]): ReadonlyMap<string, string | undefined> {
  let unfit: NotPlainFileError | undefined
  const texts = confTexts(files, (file) => {
    try {
      return readPlainTextSync(file)
    } catch (error) {
      // What is not there, not for this user's eyes, or a folder, Nix passes over.
      if (error instanceof NotPlainFileError && error.what !== 'a folder') unfit ??= error
      return undefined
    }
  })
  return unfit ? fail('LOCAL_NIX_FILE_UNFIT', { path: unfit.path, what: `is ${unfit.what}` }) : texts
}

/**
 * Reads back from Nix what is in force for this person, with no daemon asked, and finds the lines that say so.
 * Fails with LOCAL_NIX_CONF_BROKEN, LOCAL_NIX_FILE_UNFIT, LOCAL_NIX_SILENT.
 */
export async function readEffectiveSettings(
  nix: string,
  homeDir: string,
  env: NodeJS.ProcessEnv = process.env,
  show: ShowConfig = (program) => showConfig(program, env),
): Promise<EffectiveSettings> {
  const [shown, version] = await Promise.all([show(nix), readVersion(nix, env)])
  const hasConfigHome = readsConfigHome(version, env)
  const files = confFiles({ env, homeDir, hasConfigHome })
  const { NIX_USER_CONF_FILES: _, NIX_CONFIG_HOME: __, ...plain } = env
  const ownFile = confFiles({ env: plain, homeDir, hasConfigHome }).at(-1) ?? ''
  const bypassedBy = files.includes(ownFile)
    ? undefined
    : env.NIX_USER_CONF_FILES === undefined
      ? 'NIX_CONFIG_HOME'
      : 'NIX_USER_CONF_FILES'
  const read = (file: string) => (file === 'NIX_CONFIG' ? env.NIX_CONFIG : readIfAllowed(file))
  const place = (...names: string[]) => declared(lastPlace([...files, 'NIX_CONFIG'], names, read))
  const [maxJobs, builders, store] = [place('max-jobs', 'build-max-jobs'), place('builders'), place('store')]
  const lines = readBuilderLines(shown.builders, builders ?? { file: files[0] ?? '', line: 0 }, {
    dialect: version ? dialectOf(version) : 'old',
    fractions: version ? speedFactorFractions(version) : false,
    read: readIfAllowed,
  })
  return {
    ...shown,
    lines: lines.lines,
    sendsBuilders: lastPlace([...files.slice(1), 'NIX_CONFIG'], ['builders'], read) !== undefined,
    places: {
      ...(maxJobs ? { maxJobs } : {}),
      ...(builders ? { builders } : {}),
      ...(store ? { store } : {}),
    },
    ...(bypassedBy ? { bypassedBy } : {}),
    isDaemonsUser: process.geteuid?.() === 0 && findInstallation().kind === 'daemon',
  }
}

export type ShowConfig = (nix: string) => Promise<ShownConfig>

/** Beyond this, also what lies in no file may have changed, such as how many CPUs `max-jobs = auto` means. */
const longestMs = 5 * 60_000

/**
 * Asks Nix for its settings, but only once for the same program and the same text of all the files that it reads:
 * a press of a switch is followed by several who want to know what is in force.
 */
export function createShowConfig(homeDir: string, env: NodeJS.ProcessEnv = process.env): ShowConfig {
  let last: { readonly key: string; readonly atMs: number; readonly shown: Promise<ShownConfig> } | undefined
  return (nix) => {
    const files = [false, true].flatMap((hasConfigHome) => confFiles({ env, homeDir, hasConfigHome }))
    const { mtimeMs, ino } = statSync(nix)
    const key = JSON.stringify([nix, mtimeMs, ino, ...requirePlainFiles(files)])
    const nowMs = performance.now()
    if (last?.key === key && nowMs - last.atMs < longestMs) return last.shown
    const shown = showConfig(nix, env)
    last = { key, atMs: nowMs, shown }
    const forget = () => {
      if (last?.shown === shown) last = undefined
    }
    shown.catch(forget) // Whoever asked hears why; the next one asks again.
    return shown
  }
}

async function readVersion(nix: string, env: NodeJS.ProcessEnv): Promise<NixVersion | undefined> {
  // A broken nix.conf stops even --version, so this one reads none.
  const blind = { ...env, NIX_CONF_DIR: '/nonexistent', NIX_USER_CONF_FILES: '', NIX_CONFIG: '' }
  const { stdout } = await runProgram([nix, '--version'], { timeoutMs, env: blind })
  return parseNixVersion(stdout)
}

function readsConfigHome(version: NixVersion | undefined, env: NodeJS.ProcessEnv): boolean {
  if (!env.NIX_CONFIG_HOME) return false
  return version !== undefined && version.flavour !== 'lix' && isAtLeast(version, 2, 25)
}

/** As Nix does it: what is absent or not for this user's eyes is passed over (config.cc). */
function readIfAllowed(file: string): string | undefined {
  try {
    return readPlainTextSync(file)
  } catch {
    // Nix passes it over too; a pipe or a folder is what it is asked about itself.
    return undefined
  }
}

function declared(place: SettingPlace | undefined): SettingPlace | undefined {
  if (!place || !existsSync(place.file)) return place
  const isDeclared = isDeclaredPath(realpathSync(place.file))
  return isDeclared ? { ...place, isDeclared } : place
}
