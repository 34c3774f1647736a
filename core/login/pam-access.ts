import { isInNetwork } from './sshd-patterns'

/** Who asks pam_access(8) to be let in. */
interface Visitor {
  readonly user: string
  readonly groups: readonly string[]
  readonly address: string
}

/** Undefined where only that machine could tell: netgroups, names of hosts, terminals. */
type Verdict = boolean | undefined

/**
 * The rule of access.conf(5) that keeps somebody out; undefined when none does, and where that cannot be told for
 * certain. The first rule that names both the user and where they come from decides.
 */
export function whatAccessRefuses(lines: readonly string[], visitor: Visitor): string | undefined {
  for (const line of lines) {
    const [, sign, users, origins] = /^\s*([+-])\s*:\s*([^:]+?)\s*:\s*(.+?)\s*$/.exec(line) ?? []
    if (!sign || !users || !origins) return undefined
    const isNamed = both(
      matchesList(users, (word) => matchesUser(word, visitor)),
      matchesList(origins, (word) => matchesOrigin(word, visitor.address)),
    )
    if (isNamed === undefined) return undefined
    if (isNamed) return sign === '-' ? line.trim() : undefined
  }
  return undefined
}

function both(one: Verdict, other: Verdict): Verdict {
  if (one === false || other === false) return false
  return one === undefined || other === undefined ? undefined : true
}

/** Words, of which those after EXCEPT take away again. */
function matchesList(text: string, matches: (word: string) => Verdict): Verdict {
  const words = text.split(/[\s,]+/).filter(Boolean)
  const at = words.indexOf('EXCEPT')
  const found = any((at < 0 ? words : words.slice(0, at)).map(matches))
  if (at < 0 || found === false) return found
  const without = matchesList(words.slice(at + 1).join(' '), matches)
  return without === undefined ? undefined : both(found, !without)
}

function any(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) return true
  return verdicts.includes(undefined) ? undefined : false
}

/** A bare name is also that of a group, unless the module was told otherwise (nodefgroup). */
function matchesUser(word: string, { user, groups }: Visitor): Verdict {
  if (word === 'ALL' || word === user) return true
  if (/^\(.+\)$/.test(word)) return groups.includes(word.slice(1, -1))
  if (word.includes('@')) return undefined
  return groups.includes(word) ? undefined : false
}

function matchesOrigin(word: string, address: string): Verdict {
  if (word === 'ALL' || word === address) return true
  if (/^[\d.]+\.$/.test(word)) return address.startsWith(word)
  return isInNetwork(address, word) ?? (/^[\d.]+$/.test(word) ? false : undefined)
}
