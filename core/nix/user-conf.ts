import { addLastInclude, parseNixConf, removeInclude } from './nix-conf'

/** What a person's own Nix is told, without root. */
export interface UserSettings {
  /** `max-jobs = 0`. Never together with `localOnly`: nothing could be built at all. */
  readonly remoteOnly: boolean
  /** An empty `builders`, which the daemon takes from anyone. */
  readonly localOnly: boolean
  /** URIs of stores that root has trusted, such as `ssh-ng://millwright-anna`. */
  readonly substituters: readonly string[]
}

export const emptyUserSettings: UserSettings = { remoteOnly: false, localOnly: false, substituters: [] }

/** The app-owned file beside the person's `nix.conf`; an include is relative to the file it stands in. */
export const userConfName = 'millwright.conf'

/** What was not there before us and goes with us. */
export interface UserConfOrigin {
  readonly nixConf: boolean
  /** Folders above the files, innermost first. */
  readonly folders: number
}

/** The app-owned file; empty when nothing is set, and then there is none. */
export function renderUserConf(settings: UserSettings, origin?: UserConfOrigin): string {
  const { remoteOnly, localOnly, substituters } = settings
  const lines = [
    ...(remoteOnly ? ['max-jobs = 0'] : []),
    ...(localOnly ? ['builders ='] : []),
    ...(substituters.length > 0 ? [`extra-substituters = ${substituters.join(' ')}`] : []),
  ]
  if (lines.length === 0) return ''
  const made = origin && (origin.nixConf || origin.folders > 0) ? [originLine(origin)] : []
  return `${['# Written by Millwright.', ...made, ...lines].join('\n')}\n`
}

function originLine({ nixConf, folders }: UserConfOrigin): string {
  return `# Made with it: nix.conf ${nixConf ? 'yes' : 'no'}, folders ${folders}.`
}

/** Reads the app-owned file back: what was asked for, which need not be what is in force. */
export function parseUserConf(text: string): UserSettings {
  const { settings } = parseNixConf(text, userConfName)
  const last = (name: string) => settings.filter((one) => one.name === name).at(-1)?.value
  return {
    remoteOnly: last('max-jobs') === '0',
    localOnly: last('builders') === '',
    substituters: last('extra-substituters')?.split(' ').filter(Boolean) ?? [],
  }
}

export function parseUserConfOrigin(text: string): UserConfOrigin {
  const match = /^# Made with it: nix\.conf (yes|no), folders (\d{1,2})\.$/m.exec(text)
  return { nixConf: match?.[1] === 'yes', folders: Number(match?.[2] ?? 0) }
}

/** The person's `nix.conf` with our one line at its end. */
export function includeUserConf(text: string): string {
  return addLastInclude(text, userConfName)
}

/** The same without it, every other byte as it was. */
export function excludeUserConf(text: string): string {
  return removeInclude(text, userConfName)
}

/**
 * Adds another include, so that what the person switched for themselves has the last word: `builders =` of theirs comes
 * after the list that it leaves out.
 */
export function addIncludeBelowOwnSwitches(text: string, path: string): string {
  if (!includesUserConf(text) || removeInclude(text, path) !== text) return addLastInclude(text, path)
  return includeUserConf(addLastInclude(excludeUserConf(text), path))
}

export function includesUserConf(text: string): boolean {
  return excludeUserConf(text) !== text
}
