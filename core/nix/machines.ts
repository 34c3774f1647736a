import type { BuilderSpec } from '../../contract/builder'
import { sshAlias } from '../ssh/alias'
import { stripComment, tokenize } from '../text/tokens'
import { type NixVersion, splitsLikeNew } from './nix-version'

/** How a Nix cuts a machines file into machines; the two ways disagree about `;` in comments and blanks. */
export type MachinesDialect = 'old' | 'new'

export function dialectOf(version: NixVersion): MachinesDialect {
  return splitsLikeNew(version) ? 'new' : 'old'
}

/** One builder as Nix reads it from a line (machines.cc). */
export interface Machine {
  /** 1-based line of the text. */
  readonly line: number
  /** With the scheme that Nix adds where there is none. */
  readonly uri: string
  /** Absent: the system of the computer that reads the file. */
  readonly systems?: readonly string[]
  readonly sshKey?: string
  readonly maxJobs: number
  readonly speedFactor: number
  readonly supportedFeatures: readonly string[]
  readonly mandatoryFeatures: readonly string[]
  /** Base64 of a whole `.pub` line. */
  readonly publicHostKey?: string
}

export type MachineProblemCode =
  | 'no-store'
  | 'not-a-number'
  | 'negative-speed'
  | 'not-base64'
  | 'unknown-store'

export interface MachineProblem {
  readonly code: MachineProblemCode
  /** 1-based line of the text. */
  readonly line: number
  /** The piece of text that Nix takes for a machine. */
  readonly text: string
  /** What Nix says, word for word. */
  readonly message: string
  /** Whether Nix then uses no builder at all, rather than all but this one. */
  readonly stopsAll: boolean
}

export interface MachinesFile {
  readonly machines: readonly Machine[]
  /** Files named by `@`, as written. */
  readonly includes: readonly string[]
  readonly problems: readonly MachineProblem[]
}

/** The safe subset that every Nix reads alike: eight columns, a scheme, no comment, LF. */
export function renderMachines(builders: readonly BuilderSpec[], keyPath: (id: string) => string): string {
  return builders.map((builder) => `${renderMachineLine(builder, keyPath)}\n`).join('')
}

export function renderMachineLine(
  builder: BuilderSpec,
  keyPath: (id: string) => string,
  alias = sshAlias(builder.id),
): string {
  const list = (items: readonly string[]) => items.join(',') || '-'
  return [
    `${builder.protocol}://${alias}`,
    list(builder.systems),
    keyPath(builder.id),
    builder.maxJobs,
    builder.speedFactor,
    list(builder.supportedFeatures),
    list(builder.mandatoryFeatures),
    '-',
  ].join(' ')
}

interface Piece {
  readonly line: number
  readonly text: string
}

function pieces(text: string, dialect: MachinesDialect): Piece[] {
  const lines = text.split('\n').map((content, index) => ({ line: index + 1, content }))
  return dialect === 'old'
    ? lines
        .flatMap(({ line, content }) =>
          content.split(';').map((part) => ({ line, text: stripComment(part) })),
        )
        .filter((piece) => piece.text !== '')
    : lines
        .flatMap(({ line, content }) =>
          stripComment(content)
            .split(';')
            .map((part) => ({ line, text: trim(part) })),
        )
        .filter((piece) => piece.text !== '')
}

/** Nix's whitespace, which is less than JavaScript's. */
function trim(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

/**
 * Reads a machines file, or the value of `builders`, as Nix does. One problem that `stopsAll` keeps Nix from
 * every builder, so all are listed. Speed factors are whole numbers for the old way of reading, although
 * Nix 2.20 to 2.28.1 and Lix read fractions there: say so with `fractions`.
 */
export function parseMachines(
  text: string,
  dialect: MachinesDialect,
  { fractions = dialect === 'new' }: { readonly fractions?: boolean } = {},
): MachinesFile {
  const machines: Machine[] = []
  const includes: string[] = []
  const problems: MachineProblem[] = []
  for (const piece of pieces(text, dialect)) {
    if (piece.text.startsWith('@')) {
      includes.push(trim(piece.text.slice(1)))
      continue
    }
    const read = parseMachine(piece, dialect, fractions)
    if ('code' in read) problems.push(read)
    else machines.push(read)
  }
  return { machines, includes, problems }
}

function parseMachine(piece: Piece, dialect: MachinesDialect, fractions: boolean): Machine | MachineProblem {
  const problem = (code: MachineProblemCode, message: string, stopsAll = true): MachineProblem => ({
    code,
    line: piece.line,
    text: piece.text,
    message,
    stopsAll,
  })
  const columns = tokenize(piece.text)
  const column = (index: number) => (columns[index] === '-' ? undefined : columns[index])
  const list = (index: number) => tokenize(column(index) ?? '', /,+/)
  const unreadable = (index: number, type: string) =>
    problem(
      'not-a-number',
      `bad machine specification: failed to convert column #${index} in a row: '${piece.text}' to '${type}'`,
    )

  const store = column(0)
  if (store === undefined) {
    return problem(
      'no-store',
      `bad machine specification: store URL was not found at the first column of a row: '${piece.text}'`,
    )
  }
  const maxJobs = readUnsigned(column(3) ?? '1')
  if (maxJobs === undefined) return unreadable(3, 'unsigned int')
  const speed = column(4) ?? '1'
  const speedFactor = fractions ? readFloat(speed) : readUnsigned(speed)
  if (speedFactor === undefined) return unreadable(4, fractions ? 'float' : 'unsigned int')
  if (speedFactor < 0) return problem('negative-speed', 'speed factor must be >= 0')
  const publicHostKey = column(7)
  if (publicHostKey !== undefined && !isNixBase64(publicHostKey)) {
    // Nix means to name the character, and prints the start of a colour in its place.
    const reason = "invalid character in Base64 string: ''"
    return problem(
      'not-base64',
      dialect === 'new'
        ? reason
        : `bad machine specification: a column #7 in a row: '${piece.text}' is not valid base64 string: error: ${reason}`,
    )
  }
  const uri = normaliseStoreUri(store)
  if (!isKnownStore(uri)) {
    return dialect === 'new'
      ? problem('unknown-store', `Cannot parse Nix store '${uri}'`)
      : problem('unknown-store', `don't know how to open Nix store '${uri}'`, false)
  }
  const systems = column(1)
  const sshKey = column(2)
  return {
    line: piece.line,
    uri,
    ...(systems === undefined ? {} : { systems: list(1) }),
    ...(sshKey === undefined ? {} : { sshKey }),
    maxJobs,
    speedFactor: speedFactor === 0 ? 1 : speedFactor,
    supportedFeatures: list(5),
    mandatoryFeatures: list(6),
    ...(publicHostKey === undefined ? {} : { publicHostKey }),
  }
}

function readUnsigned(text: string): number | undefined {
  if (!/^\+?\d+$/.test(text)) return undefined
  const value = Number(text)
  return value <= 0xffff_ffff ? value : undefined
}

function readFloat(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

/** Nix stops decoding at the first `=` and checks nothing but the alphabet (util.cc, base64Decode). */
function isNixBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*(=|$)/.test(text)
}

/** Adds `ssh://` where Nix 2.4 and later do (Machine::Machine). */
export function normaliseStoreUri(store: string): string {
  const isOther =
    store.includes('/') || /^(auto|daemon|local)$/.test(store) || /^(auto|daemon|local)?\?/.test(store)
  return isOther ? store : `ssh://${store}`
}

/** A path is the local store of that root, even ` @/file`, which looks like an include. */
function isKnownStore(uri: string): boolean {
  const base = uri.split('?', 1)[0] ?? ''
  return uri.includes('://') || base.includes('/') || /^(auto|daemon|local)?$/.test(base)
}
