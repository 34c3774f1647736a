import { type MatchCriterion, parseMatch } from '../../../../core/ssh/config-lines'
import { matchesPatternList } from '../../../../core/ssh/patterns'
import { type ConfigTree, spot } from './config-tree'

/** One `Keyword arguments` line that holds for the host that was asked for. */
export interface ConfigOption {
  /** Lower case. */
  readonly name: string
  readonly words: readonly string[]
}

/** What a `Match` line may ask about, as far as it is known at that line. */
export interface MatchFacts {
  readonly originalHost: string
  readonly hostName: () => string
  readonly user: () => string
  readonly localUser: string
}

/**
 * The options of a tree, in order, that hold for a host, as far as names alone decide: a `Match` on anything else
 * never holds. For names that are only looked at; where to log in says ssh itself.
 */
export function* readOptions(tree: ConfigTree, facts: MatchFacts): Generator<ConfigOption> {
  if (tree.problem === undefined) yield* readFile(tree.root)

  function* readFile(path: string): Generator<ConfigOption> {
    let holds = true
    const file = tree.files.get(path)
    for (const { line, keyword, words } of file?.lines ?? []) {
      if (keyword === 'host') holds = matchesPatternList(words, facts.originalHost)
      else if (keyword === 'match')
        holds = words.length > 0 && parseMatch(words).every((one) => isSo(one, facts))
      else if (!holds) continue
      else if (keyword !== 'include') yield { name: keyword, words }
      else for (const inner of file?.includes.get(line) ?? []) yield* readFile(inner)
    }
  }
}

function isSo({ asks, isNegated, value = '' }: MatchCriterion, facts: MatchFacts): boolean {
  if (asks === 'all') return !isNegated
  const subject = subjectOf(asks, facts)
  return subject !== undefined && matches(asks, value, subject) !== isNegated
}

function subjectOf(asks: string, facts: MatchFacts): string | undefined {
  if (asks === 'host') return facts.hostName()
  if (asks === 'originalhost') return facts.originalHost
  if (asks === 'user') return facts.user()
  return asks === 'localuser' ? facts.localUser : undefined
}

/** Names of hosts without regard to case, unlike those of `Host` lines (readconf.c). */
function matches(asks: string, patterns: string, subject: string): boolean {
  const fold = (text: string) => (asks.endsWith('host') ? text.toLowerCase() : text)
  return matchesPatternList(fold(patterns).split(','), fold(subject))
}

/**
 * Where a command decides whether lines hold (`Match exec`), as far as the names of the same line let it come to
 * that: `FILE, line N`.
 */
export function findExec(tree: ConfigTree, facts: MatchFacts): readonly string[] {
  return [...tree.files].flatMap(([path, { lines }]) =>
    lines.flatMap(({ line, keyword, words }) => {
      const criteria = keyword === 'match' ? parseMatch(words) : []
      const others = criteria.filter(({ asks }) => subjectOf(asks, facts) !== undefined)
      const isExec = criteria.some(({ asks }) => asks === 'exec')
      return isExec && others.every((one) => isSo(one, facts)) ? [spot(path, line)] : []
    }),
  )
}

/** Every name on the `Host` lines of a tree, in the order in which they are read; patterns are no names. */
export function readHosts(tree: ConfigTree): readonly string[] {
  const seen = new Set<string>()
  const names = (path: string): string[] => {
    const file = tree.files.get(path)
    if (!file || seen.has(path)) return []
    seen.add(path)
    return file.lines.flatMap(({ line, keyword, words }) => {
      if (keyword === 'host') return words.filter((word) => !/[*?!]/.test(word))
      return (file.includes.get(line) ?? []).flatMap(names)
    })
  }
  return tree.problem === undefined ? names(tree.root) : []
}
