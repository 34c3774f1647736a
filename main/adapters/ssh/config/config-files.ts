import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Directive, type Line, LineType, parse } from 'ssh-config'
import { matchesPatternList } from './patterns'

/** One `Keyword arguments` line that holds for the host that was asked for. */
export interface ConfigOption {
  /** Lower case. */
  readonly name: string
  readonly values: readonly string[]
}

/** What a `Match` line may ask about, as far as it is known at that line. */
export interface MatchFacts {
  readonly originalHost: string
  readonly hostName: () => string
  readonly user: () => string
  readonly localUser: string
}

/** Where the names that a file includes are looked for. */
export interface ConfigPlace {
  readonly homeDir: string
  /** `~/.ssh` or `/etc/ssh`: the folder of the file that includes, whatever file that is included in. */
  readonly baseDir: string
  /** Files that were parsed before, by path, for whoever resolves many names in one go. */
  readonly parsed?: Map<string, readonly Line[]> | undefined
}

/** As ssh(1) has it (readconf.c). */
const maximumDepth = 16
const maximumFileBytes = 1024 * 1024

/**
 * The options of one ssh_config(5) file, in order, that hold for a host, with those of the files it includes.
 * Nothing is executed: a `Match` on anything but names never holds. Broken and unreadable files count as empty.
 */
export function* readConfigFile(
  path: string,
  place: ConfigPlace,
  facts: MatchFacts,
  depth = 0,
): Generator<ConfigOption> {
  for (const line of parseOnce(path, place)) {
    if (line.type !== LineType.DIRECTIVE) continue
    const name = line.param.toLowerCase()
    if (name !== 'host' && name !== 'match') yield* readOption(line)
    else if (holds(name, line, facts)) {
      for (const inner of 'config' in line ? line.config : []) {
        if (inner.type === LineType.DIRECTIVE) yield* readOption(inner)
      }
    }
  }

  function* readOption(line: Directive): Generator<ConfigOption> {
    const name = line.param.toLowerCase()
    const values = toValues(line)
    if (name !== 'include') {
      yield { name, values }
      return
    }
    if (depth >= maximumDepth) return
    for (const pattern of values) {
      for (const file of expandGlob(toPath(pattern, place))) {
        yield* readConfigFile(file, place, facts, depth + 1)
      }
    }
  }
}

/** Every name on the `Host` lines of a file and of those it includes, in order; patterns are no names. */
export function* readConfigHosts(path: string, place: ConfigPlace, depth = 0): Generator<string> {
  for (const line of parseOnce(path, place)) {
    if (line.type !== LineType.DIRECTIVE) continue
    if (line.param.toLowerCase() === 'host') yield* toValues(line).filter((name) => !/[*?!]/.test(name))
    for (const one of 'config' in line ? line.config : [line]) {
      const isInclude = one.type === LineType.DIRECTIVE && one.param.toLowerCase() === 'include'
      if (!isInclude || depth >= maximumDepth) continue
      const files = toValues(one).flatMap((pattern) => expandGlob(toPath(pattern, place)))
      for (const file of files) yield* readConfigHosts(file, place, depth + 1)
    }
  }
}

function toPath(pattern: string, { homeDir, baseDir }: ConfigPlace): string {
  if (pattern.startsWith('~/')) return join(homeDir, pattern.slice(2))
  return isAbsolute(pattern) ? pattern : join(baseDir, pattern)
}

function toValues(line: Directive): string[] {
  return typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val)
}

function holds(name: 'host' | 'match', line: Directive, facts: MatchFacts): boolean {
  const words = toValues(line)
  if (name === 'host') return matchesPatternList(words, facts.originalHost)
  const criteria = [...words]
  while (criteria.length > 0) {
    const word = (criteria.shift() ?? '').toLowerCase()
    const negated = word.startsWith('!')
    const asked = negated ? word.slice(1) : word
    if (asked === 'all') continue
    const subject = {
      host: facts.hostName,
      originalhost: () => facts.originalHost,
      user: facts.user,
      localuser: () => facts.localUser,
    }[asked]
    const patterns = criteria.shift()
    if (!subject || patterns === undefined) return false
    // Names of hosts without regard to case, unlike those of `Host` lines (readconf.c).
    const fold = (text: string) => (asked.endsWith('host') ? text.toLowerCase() : text)
    if (matchesPatternList(fold(patterns).split(','), fold(subject())) === negated) return false
  }
  return words.length > 0
}

function parseOnce(path: string, { parsed }: ConfigPlace): readonly Line[] {
  const lines = parsed?.get(path) ?? parseFile(path)
  parsed?.set(path, lines)
  return lines
}

function parseFile(path: string): readonly Line[] {
  try {
    const about = statSync(path)
    // A pipe would never end, and ssh(1) refuses a file that others may write.
    if (!about.isFile() || about.size > maximumFileBytes || (about.mode & 0o022) !== 0) return []
    return parse(readFileSync(path, 'utf8'))
  } catch {
    // ssh(1) passes over a file that is not there.
    return []
  }
}

/** glob(3) as far as Include needs it: `*`, `?` in any part of the path; sorted; hidden files only if asked for. */
function expandGlob(pattern: string): string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter((part) => part !== '')) {
    if (!/[*?]/.test(part)) found = found.map((dir) => join(dir, part))
    else found = found.flatMap((dir) => listed(dir, part).map((name) => join(dir, name)))
  }
  return found
}

function listed(dir: string, pattern: string): string[] {
  try {
    return readdirSync(dir)
      .filter(
        (name) => name.startsWith('.') === pattern.startsWith('.') && matchesPatternList([pattern], name),
      )
      .sort()
  } catch {
    // A folder that is not there holds no file to include.
    return []
  }
}
