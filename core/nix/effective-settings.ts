import type { BuilderLine } from './builder-lines'
import { parseNixConf } from './nix-conf'
import type { SettingPlace } from './setting-place'

/** What is in force for this person, as Nix itself says, and who says so. */
export interface EffectiveSettings {
  readonly maxJobs: number
  readonly builders: string
  readonly substituters: readonly string[]
  /** Of this computer. */
  readonly system: string
  /** `builders` is set for this person alone, outside of the system's own file: Nix sends it to the daemon. */
  readonly sendsBuilders: boolean
  /** The machines that `builders` comes to, as far as this person may read them. */
  readonly lines: readonly BuilderLine[]
  /** Which store this person's Nix uses, such as `auto`; absent where Nix does not tell. */
  readonly store?: string
  /** Absent where Nix's own default stands. */
  readonly places: {
    readonly maxJobs?: SettingPlace
    readonly builders?: SettingPlace
    readonly store?: SettingPlace
  }
  /** The variable for whose sake Nix does not read the person's own `nix.conf`. */
  readonly bypassedBy?: 'NIX_USER_CONF_FILES' | 'NIX_CONFIG_HOME'
  /** The daemon runs as this very user, so that this user's own files reach everyone. */
  readonly isDaemonsUser: boolean
}

export interface ShownConfig
  extends Pick<EffectiveSettings, 'maxJobs' | 'builders' | 'substituters' | 'system' | 'store'> {
  /** Where Nix writes its log to as lines of JSON; absent where it does not. */
  readonly jsonLogPath?: string
}

/** The values out of `show-config --json`; undefined when it is something else. */
export function parseShownConfig(text: string): ShownConfig | undefined {
  try {
    const shown = JSON.parse(text) as Record<string, { value?: unknown } | undefined>
    const value = (name: string) => shown[name]?.value
    const [maxJobs, builders, substituters, system] = [
      value('max-jobs'),
      value('builders'),
      value('substituters'),
      value('system'),
    ]
    const isWhole = typeof maxJobs === 'number' && typeof builders === 'string' && typeof system === 'string'
    if (!isWhole || !Array.isArray(substituters)) return undefined
    const log = value('json-log-path')
    const store = value('store')
    const told = typeof store === 'string' ? { store } : {}
    const known = { maxJobs, builders, substituters: substituters.map(String), system, ...told }
    return typeof log === 'string' && log.startsWith('/') ? { ...known, jsonLogPath: log } : known
  } catch {
    // What is no JSON is no answer, and the caller says so.
    return undefined
  }
}

/** Whether builds in that store are the daemon's of this computer (store-api.cc, openStore). */
export function isOfDaemon(store: string): boolean {
  return /^(auto|daemon)?(\?|$)|^unix:\/\//.test(store)
}

/** What decides which files Nix reads (globals.cc, users.cc). */
export interface ConfEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeDir: string
  /** From Nix 2.25 on. */
  readonly hasConfigHome: boolean
}

/** The files that Nix reads one after the other, the later ones having the last word. */
export function confFiles({ env, homeDir, hasConfigHome }: ConfEnvironment): string[] {
  const system = `${env.NIX_CONF_DIR || '/etc/nix'}/nix.conf`
  const listed = env.NIX_USER_CONF_FILES
  if (listed !== undefined) return [system, ...listed.split(':').filter(Boolean).reverse()]
  const others = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').filter(Boolean).reverse()
  const own = (hasConfigHome && env.NIX_CONFIG_HOME) || `${env.XDG_CONFIG_HOME || `${homeDir}/.config`}/nix`
  return [system, ...others.map((folder) => `${folder}/nix/nix.conf`), `${own}/nix.conf`]
}

/** Every file that Nix reads with its text, includes and all; the same texts say the same settings. */
export function confTexts(
  files: readonly string[],
  read: (file: string) => string | undefined,
): ReadonlyMap<string, string | undefined> {
  const texts = new Map<string, string | undefined>()
  const visit = (file: string) => {
    if (texts.has(file)) return
    const text = read(file)
    texts.set(file, text)
    const folder = file.slice(0, file.lastIndexOf('/') + 1)
    for (const { path } of text === undefined ? [] : parseNixConf(text, file).includes)
      visit(path.startsWith('/') ? path : folder + path)
  }
  for (const file of files) visit(file)
  return texts
}

/** The last line that sets one of the names, includes followed in place as Nix does; `read` knows the texts. */
export function lastPlace(
  files: readonly string[],
  names: readonly string[],
  read: (file: string) => string | undefined,
): SettingPlace | undefined {
  return files.map((file) => lastIn(file, names, read, 0)).findLast((place) => place !== undefined)
}

function lastIn(
  file: string,
  names: readonly string[],
  read: (file: string) => string | undefined,
  depth: number,
): SettingPlace | undefined {
  const text = depth > 20 ? undefined : read(file)
  if (text === undefined) return undefined
  const { settings, includes } = parseNixConf(text, file)
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  const own = settings
    .filter(({ name }) => names.includes(name))
    .map(({ line }) => ({ at: line, place: (): SettingPlace | undefined => ({ file, line }) }))
  const included = includes.map(({ line, path }) => ({
    at: line,
    place: () => lastIn(path.startsWith('/') ? path : folder + path, names, read, depth + 1),
  }))
  for (const { place } of [...own, ...included].sort((a, b) => b.at - a.at)) {
    const found = place()
    if (found) return found
  }
  return undefined
}
