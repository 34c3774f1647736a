import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import {
  decidingVariables,
  parseEnviron,
  type ServiceSettings,
  settingsOfCommand,
  settingsOfUnit,
} from '../../core/nix/service-environment'
import type { SettingPlace } from '../../core/nix/setting-place'
import { readIfAllowed } from '../system/caller'
import { run } from '../system/process'
import type { System } from '../system/system'

export interface DaemonSettings extends ServiceSettings {
  /** Of the daemon that runs now, in ms since the epoch. */
  readonly startedMs?: number
  /** The daemon that runs now, where this user may look into it. */
  readonly process?: { readonly pid: number; readonly path: string | undefined }
}

const unit = 'nix-daemon.service'

/**
 * What the Nix daemon is started with: as the kernel has it of the one that runs, where this user may look; else as its
 * unit says. Nothing where neither is known, as on macOS.
 */
export async function readDaemonSettings(system: System): Promise<DaemonSettings> {
  if (system.whose === 'person') return { env: decidingVariables(system.nixEnvironment), options: [] }
  const running = system.platform === 'linux' ? findDaemon() : undefined
  const environ = running && readOfProcess(`/proc/${running.pid}/environ`)
  if (running && environ !== undefined) {
    const all = parseEnviron(environ)
    const { pid, words, startedMs } = running
    const env = decidingVariables(all)
    return { env, options: settingsOfCommand(words), startedMs, process: { pid, path: all.PATH } }
  }
  const shown = await showUnit(system, ['Environment', 'EnvironmentFiles', 'ExecStart'])
  const settings = settingsOfUnit(shown, readIfAllowed)
  return running ? { ...settings, startedMs: running.startedMs } : settings
}

/** The file and line of the unit that sets a variable or an option; undefined where none is found. */
export async function placeInUnit(system: System, name: string): Promise<SettingPlace | undefined> {
  const shown = await showUnit(system, ['FragmentPath', 'DropInPaths', 'EnvironmentFiles'])
  const files = shown
    .split('\n')
    .flatMap((line) => line.slice(line.indexOf('=') + 1).split(' '))
    .filter((word) => word.startsWith('/'))
  return files
    .flatMap((file) => {
      const lines = (readIfAllowed(file) ?? '').split('\n')
      const index = lines.findLastIndex((line) => line.includes(name) && !/^\s*[#;]/.test(line))
      return index < 0 ? [] : [{ file, line: index + 1 }]
    })
    .at(-1)
}

export async function showUnit(system: System, properties: readonly string[]): Promise<string> {
  if (system.platform !== 'linux') return ''
  const wanted = properties.map((name) => `--property=${name}`)
  // Without systemd there is no such program, and nothing to say.
  return (await run(system, ['systemctl', 'show', unit, ...wanted], { timeoutMs: 10_000 })).stdout
}

interface Running {
  readonly pid: number
  readonly words: readonly string[]
  readonly startedMs: number
}

/**
 * Root's own that nobody of its kind has started. Its workers are its children, and name whom they serve; those of an
 * earlier daemon outlive it, so that the one that was started last counts.
 */
function findDaemon(): Running | undefined {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isDaemon(name))
  return found
    .flatMap((pid): Running[] => {
      const stat = statOf(pid)
      if (!stat || found.includes(stat.parent)) return []
      return [{ pid: Number(pid), words: wordsOf(pid), startedMs: stat.startedMs }]
    })
    .filter(({ words }) => !/^\d+$/.test(words[1] ?? ''))
    .sort((a, b) => a.startedMs - b.startedMs)
    .at(-1)
}

function isDaemon(pid: string): boolean {
  try {
    const words = wordsOf(pid)
    const name = basename(words[0] ?? '')
    const isNix = name === 'nix-daemon' || (name === 'nix' && words[1] === 'daemon')
    return isNix && !words.includes('--stdio') && statSync(`/proc/${pid}`).uid === 0
  } catch {
    return false // it ended meanwhile
  }
}

function wordsOf(pid: string): string[] {
  // A word may be empty; only the last one ends with nothing after it.
  return (readOfProcess(`/proc/${pid}/cmdline`) ?? '').replace(/\0$/, '').split('\0')
}

/** What the kernel makes up as it is read has no size beforehand. */
function readOfProcess(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile, or is not for this user to look at.
    return undefined
  }
}

/** proc(5): after the name in parentheses, the second field is the parent and the twentieth the start, in 1/100 s. */
function statOf(pid: string): { readonly parent: string; readonly startedMs: number } | undefined {
  const fields = /^.*\) (.*)$/s.exec(readOfProcess(`/proc/${pid}/stat`) ?? '')?.[1]?.split(' ')
  const bootSeconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]
  const [parent, ticks] = [fields?.[1], fields?.[19]]
  if (parent === undefined || ticks === undefined || bootSeconds === undefined) return undefined
  return { parent, startedMs: Number(bootSeconds) * 1000 + Number(ticks) * 10 }
}
