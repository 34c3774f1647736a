/**
 * Who said a line, as far as its form tells: the program that prints just this, and nobody else. `login` is what a
 * machine shows to whoever logs in (a banner, nologin(5)).
 */
export type Speaker =
  | 'ssh'
  | 'nix'
  | 'shell'
  | 'login'
  | 'sudo'
  | 'doas'
  | 'su'
  | 'polkit'
  | 'systemd'
  | 'Millwright'

/** One thing that a program is known to say, and what it means. */
export interface MessageRow<R extends string> {
  readonly by: Speaker
  /**
   * The whole line, from ^ to $, as in the program's source. A group that is named `host`, `user`, `alias` or `port` has
   * to be the one that is asked about, and so has `address`, where that is one and not a name; all of them become facts.
   */
  readonly says: RegExp
  readonly reason: R
  /** Another line without which this one does not count. */
  readonly beside?: RegExp
  /** Whose Nix said it, where that makes the difference; absent: either. */
  readonly side?: 'remote' | 'here'
}

/** One line of what was heard, without the terminal's colours and without what Nix puts before the words of others. */
export interface HeardLine {
  readonly text: string
  /** Nix’s own words, those of another program, or a line of a build’s log. */
  readonly from: 'nix' | 'other' | 'log'
  /** Said by the Nix of the builder. */
  readonly isRemote: boolean
}

/** What is known to be the cause: the line that says so stays with it. */
export interface Cause<R extends string> {
  readonly reason: R
  readonly by: Speaker
  readonly line: string
  readonly facts: Readonly<Record<string, string>>
}

/** The machine that is asked about, as ssh was told. Undefined members are not compared. */
export interface Place {
  readonly host?: string
  readonly user?: string
  readonly port?: string
  readonly alias?: string
}

/**
 * The first row that fits one of the lines: rows stand from the more specific to the less. Undefined: nobody said
 * anything that is known, which is an answer too.
 */
export function findCause<R extends string>(
  rows: readonly MessageRow<R>[],
  lines: readonly HeardLine[],
  place: Place = {},
): Cause<R> | undefined {
  for (const row of rows) {
    if (row.beside && !lines.some(({ text }) => row.beside?.test(text))) continue
    for (const line of lines) {
      const groups = canSay(row, line) ? row.says.exec(line.text) : null
      if (groups && isAbout(place, groups.groups ?? {}))
        return { reason: row.reason, by: row.by, line: line.text, facts: factsOf(groups.groups ?? {}) }
    }
  }
  return undefined
}

function canSay<R extends string>({ by, side }: MessageRow<R>, { from, isRemote }: HeardLine): boolean {
  if (side !== undefined && isRemote !== (side === 'remote')) return false
  return from === (by === 'nix' ? 'nix' : 'other')
}

/** What is said of another machine, as of one in a build’s own log, says nothing of this one. */
function isAbout(place: Place, groups: Readonly<Record<string, string | undefined>>): boolean {
  const isAddress = /^[\d.]+$|:/.test(place.host ?? '')
  const meant = { ...place, ...(isAddress && place.host ? { address: place.host } : {}) }
  return Object.entries(meant).every(
    ([name, value]) => groups[name] === undefined || groups[name].toLowerCase() === value.toLowerCase(),
  )
}

function factsOf(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  )
}
