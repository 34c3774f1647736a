import { realpath } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type ConfigLine, parseConfigLines } from '../../../../core/ssh/config-lines'
import { NotPlainFileError, readPlainText } from '../../data/read-file'
import { expandGlob } from './glob'

/** Where the names that a file includes are looked for. */
export interface ConfigPlace {
  readonly homeDir: string
  /** `~/.ssh` or `/etc/ssh`: the folder of the file that includes, whatever file that is included in. */
  readonly baseDir: string
}

export interface ConfigFile {
  readonly lines: readonly ConfigLine[]
  /** What its `Include` lines lead to, by their number. */
  readonly includes: ReadonlyMap<number, readonly string[]>
}

/** A file of ssh_config(5) with all that it includes, whoever that holds for. Nothing of it has been run. */
export interface ConfigTree {
  readonly root: string
  /** By path; those that are not there are left out. */
  readonly files: ReadonlyMap<string, ConfigFile>
  /** Why it can be read neither by ssh nor by us, with the file and the line. */
  readonly problem?: string
  /** `FILE, line N` of includes by another person's home, a token or a variable: those are not followed. */
  readonly otherIncludes: readonly string[]
}

/** As ssh has it (readconf.c). */
const maximumDepth = 16
const mostFiles = 1024
/** How often files are read in all, where some are included several times: four of four, ten deep, would be a million. */
const mostReadings = 10_000

/** Reads the tree of files below one. Never rejects: what stands in the way is its `problem`. */
export async function readConfigTree(root: string, place: ConfigPlace): Promise<ConfigTree> {
  const files = new Map<string, ConfigFile>()
  const otherIncludes: string[] = []
  const waiting = [root]
  const withProblem = (problem: string | undefined): ConfigTree => ({
    root,
    files,
    otherIncludes,
    ...(problem === undefined ? {} : { problem }),
  })
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue
    if (files.size >= mostFiles) return withProblem(`${root} includes more than ${mostFiles} files`)
    const read = await readLines(path)
    if (read === undefined) continue
    if ('problem' in read) return withProblem(read.problem)
    const includes = new Map<number, readonly string[]>()
    for (const { line, words } of read.lines.filter(({ keyword }) => keyword === 'include')) {
      const known = words.filter((word) => !isOther(word))
      if (known.length < words.length) otherIncludes.push(spot(path, line))
      const found = await Promise.all(known.map((word) => expandGlob(toPath(word, place))))
      includes.set(line, found.flat())
      waiting.push(...found.flat())
    }
    files.set(path, { lines: read.lines, includes })
  }
  return withProblem(findEndless(root, files))
}

/** `FILE, line N`, as people read it. */
export function spot(path: string, line: number): string {
  return `${path}, line ${line}`
}

/** `~name/`, and the tokens and variables of newer OpenSSH. */
function isOther(word: string): boolean {
  return /^~[^/]/.test(word) || /%|\$\{/.test(word)
}

function toPath(word: string, { homeDir, baseDir }: ConfigPlace): string {
  if (word === '~' || word.startsWith('~/')) return join(homeDir, word.slice(1))
  return isAbsolute(word) ? word : join(baseDir, word)
}

async function readLines(
  path: string,
): Promise<{ readonly lines: readonly ConfigLine[] } | { readonly problem: string } | undefined> {
  try {
    return { lines: parseConfigLines(await readPlainText(path)) }
  } catch (error) {
    if (await isPassedOver(path, error)) return undefined
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** What ssh passes over as well: what is not there or not for this user's eyes, folders, and the empty device. */
async function isPassedOver(path: string, error: unknown): Promise<boolean> {
  if (error instanceof NotPlainFileError) {
    return error.what === 'a folder' || (await realpath(path)) === '/dev/null'
  }
  return !(error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT')
}

/** The line at which following the includes would have no end, or none that anybody waits for. */
function findEndless(root: string, files: ReadonlyMap<string, ConfigFile>): string | undefined {
  const counted = new Map<string, { readonly readings: number; readonly depth: number }>()
  const above = new Set<string>()
  const count = (path: string): { readonly readings: number; readonly depth: number } | string => {
    const known = counted.get(path)
    if (known) return known
    let readings = 1
    let depth = 0
    above.add(path)
    for (const [line, inner] of files.get(path)?.includes ?? []) {
      for (const one of inner) {
        if (above.has(one)) return `${spot(path, line)}: the Include leads back to ${one}`
        const below = count(one)
        if (typeof below === 'string') return below
        readings += below.readings
        depth = Math.max(depth, below.depth + 1)
      }
      if (depth > maximumDepth) return `${spot(path, line)}: the Include leads ${depth} files deep`
      if (readings > mostReadings) return `${spot(path, line)}: the Include leads to ${readings} files`
    }
    above.delete(path)
    const whole = { readings, depth }
    counted.set(path, whole)
    return whole
  }
  const whole = count(root)
  return typeof whole === 'string' ? whole : undefined
}
