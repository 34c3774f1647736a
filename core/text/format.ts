import type { BuilderState } from '../../contract/snapshot'

/** How long something took: `0.9 s`, `12 s`, `12 min 04 s`, `3 h 07 min`, `2 d 05 h`; one decimal under ten seconds. */
export function formatDuration(ms: number): string {
  const tenths = Math.round(Math.max(0, ms) / 100)
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`
  const seconds = Math.round(Math.max(0, ms) / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return pair(seconds, 60, 'min', 's')
  const minutes = Math.floor(seconds / 60)
  return minutes < 1440 ? pair(minutes, 60, 'h', 'min') : pair(Math.floor(minutes / 60), 24, 'd', 'h')
}

function pair(value: number, base: number, large: string, small: string): string {
  return `${Math.floor(value / base)} ${large} ${String(value % base).padStart(2, '0')} ${small}`
}

/** How long something has been going on, counted before one's eyes: the same in whole seconds. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * 1000)
}

/** How far a clock is off: `12 s ahead`, `2 h 10 min behind`. */
export function formatOffset(ms: number): string {
  return `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`
}

/** How long an answer took: `0.8 ms`, `11 ms`, `1.2 s`. */
export function formatLatency(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 days ago`; a clock that went back counts as now. */
export function formatAgo(ms: number): string {
  return ms < 1000 ? 'just now' : `${formatAbout(ms)} ago`
}

/** An age, or a time that is estimated: `12 s`, `4 min`, `3 h`, `2 days`; one unit, rounded down. */
export function formatAbout(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return plural(Math.floor(seconds / 86_400), 'day')
}

/** `0.4 MiB`, `340 MiB`, `1.5 GiB`, `212 GiB`, `2.0 TiB`: one decimal under ten. */
export function formatBytes(bytes: number): string {
  const mebibytes = Math.max(0, bytes) / 2 ** 20
  if (Math.round(mebibytes) < 1024) return `${oneDecimalUnderTen(mebibytes)} MiB`
  const gibibytes = mebibytes / 1024
  if (Math.round(gibibytes) < 1024) return `${oneDecimalUnderTen(gibibytes)} GiB`
  return `${oneDecimalUnderTen(gibibytes / 1024)} TiB`
}

const oneDecimalUnderTen = (value: number) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)))

/** `1 builder`, `3 builders`, `1,204 builders`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${count === 1 ? one : many}`
}

/** Each state has its word. */
export type ShownState = BuilderState

const stateWords = {
  ready: 'ready',
  'nix-broken': 'Nix broken',
  'disk-low': 'disk low',
  building: 'building',
  slow: 'slow',
  unproven: 'not tested',
  unreachable: 'unreachable',
  refused: 'refused',
  paused: 'paused',
  suspended: 'suspended',
  'needs-you': 'needs you',
  'not-used': 'not used',
} as const satisfies Record<ShownState, string>

/** The one word that stands beside a builder's dot. */
export function stateWord(state: ShownState): string {
  return stateWords[state]
}
