import { appendLine, dropLines } from '../text/lines'
import { stripComment, tokenize } from '../text/tokens'

export interface NixSetting {
  /** 1-based */
  readonly line: number
  readonly name: string
  /** Words joined by one space, as Nix keeps them; quotes mean nothing. */
  readonly value: string
}

export interface NixInclude {
  readonly line: number
  /** As written: relative to the folder of the file it stands in. */
  readonly path: string
  /** `!include`: a missing file is skipped. */
  readonly optional: boolean
}

/** A line that makes every nix command fail. */
export interface NixConfProblem {
  readonly line: number
  readonly text: string
  readonly file: string
}

export interface NixConf {
  readonly settings: readonly NixSetting[]
  readonly includes: readonly NixInclude[]
  readonly problems: readonly NixConfProblem[]
}

type Line = NixSetting | NixInclude | NixConfProblem | undefined

function parseLine(content: string, line: number, file: string): Line {
  const text = stripComment(content)
  const [name, second, ...rest] = tokenize(text)
  if (name === undefined) return undefined
  const isInclude = name === 'include' || name === '!include'
  if (isInclude && second !== undefined && rest.length === 0) {
    return { line, path: second, optional: name === '!include' }
  }
  if (isInclude || second !== '=') return { line, text, file }
  return { line, name, value: rest.join(' ') }
}

/**
 * Reads one file as Nix does (config.cc, applyConfig), without following includes. Nix takes lines from top
 * to bottom, includes in place, and stops for good at the first problem; here all of them are listed.
 */
export function parseNixConf(text: string, file: string): NixConf {
  const lines = text.split('\n').map((content, index) => parseLine(content, index + 1, file))
  return {
    settings: lines.filter((line) => line !== undefined && 'name' in line),
    includes: lines.filter((line) => line !== undefined && 'path' in line),
    problems: lines.filter((line) => line !== undefined && 'file' in line),
  }
}

function isIncludeOf(content: string, path: string): boolean {
  const line = parseLine(content, 0, '')
  return line !== undefined && 'path' in line && line.path === path
}

/** Adds `!include PATH` as the last line; a text that has it somewhere already is kept as it is. */
export function addLastInclude(text: string, path: string): string {
  if (text.split('\n').some((line) => isIncludeOf(line, path))) return text
  return appendLine(text, `!include ${path}`)
}

/** Takes the line back, leaving every other byte, the final newline or its absence among them. */
export function removeInclude(text: string, path: string): string {
  return dropLines(text, (line) => isIncludeOf(line, path))
}

/** The settings that our file writes, under every name that Nix has had for them. */
const ours = new Set([
  'builders',
  'builders-use-substitutes',
  'max-jobs',
  'build-max-jobs',
  'substituters',
  'binary-caches',
  'trusted-substituters',
  'trusted-binary-caches',
  'trusted-public-keys',
  'binary-cache-public-keys',
])

/**
 * The lines below our include that would take back what it says, and includes there that might: Nix keeps
 * the last value, and a plain list after our `extra-` one drops ours, in every version.
 */
export function settingsAfterInclude(text: string, path: string): (NixSetting | NixInclude)[] {
  const { settings, includes } = parseNixConf(text, '')
  const own = includes.find((include) => include.path === path)
  if (!own) return []
  const undoing = settings.filter(({ name, line }) => line > own.line && ours.has(name))
  const unknown = includes.filter(({ line }) => line > own.line)
  return [...undoing, ...unknown].sort((a, b) => a.line - b.line)
}

export interface OwnNixConf {
  /** The system's own value of `builders`, by default `@/etc/nix/machines`. */
  readonly existingBuilders: string
  readonly machinesPath: string
  /** Nothing is built on this computer itself. */
  readonly remoteOnly: boolean
  readonly buildersUseSubstitutes: boolean
}

/** The file that the include names. No space round `;`: with one, Nix 2.8 takes `@…` for a host name. */
export function renderOwnNixConf(conf: OwnNixConf): string {
  const lines = [
    `builders = ${joinBuilders(conf.existingBuilders, conf.machinesPath)}`,
    ...(conf.buildersUseSubstitutes ? ['builders-use-substitutes = true'] : []),
    ...(conf.remoteOnly ? ['max-jobs = 0'] : []),
  ]
  return `${lines.join('\n')}\n`
}

function joinBuilders(existing: string, machinesPath: string): string {
  const ours = `@${machinesPath}`
  const others = stripComment(existing)
    .split(/[;\n]/)
    .map((piece) => tokenize(piece).join(' '))
    .filter((piece) => piece !== '' && piece !== ours)
  return [...others, ours].join(';')
}
