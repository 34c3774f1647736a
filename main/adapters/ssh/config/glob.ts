import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** So many files are included at most; whoever means more has written a star too many. */
const mostPaths = 4096

/**
 * glob(3) as far as `Include` needs it: `*`, `?`, `[a-z]` in any part of an absolute path; sorted; hidden files only
 * where the pattern says so. Paths without a pattern are returned as they are, whether anything is there or not.
 */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  let found = ['/']
  for (const part of pattern.split('/').filter((part) => part !== '')) {
    if (!/[*?[]/.test(part)) found = found.map((dir) => join(dir, part.replace(/\\(.)/g, '$1')))
    else {
      const lists = await Promise.all(found.map((dir) => listed(dir, part)))
      found = lists.flat().slice(0, mostPaths)
    }
  }
  return found
}

async function listed(dir: string, part: string): Promise<string[]> {
  try {
    const names = await readdir(dir)
    return names
      .filter((name) => name.startsWith('.') === part.startsWith('.') && matchesGlob(part, name))
      .sort()
      .map((name) => join(dir, name))
  } catch {
    // A folder that is not there holds no file to include.
    return []
  }
}

/** Walks back to the last star only, so no pattern is slow. */
export function matchesGlob(pattern: string, name: string): boolean {
  const wanted = tokens(pattern)
  let at = 0
  let star = -1
  let resume = 0
  let position = 0
  while (position < name.length) {
    const token: Token | undefined = wanted[at]
    if (token === '*') {
      star = at++
      resume = position
    } else if (token?.(name.charAt(position))) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++resume
    } else return false
  }
  return wanted.slice(at).every((token) => token === '*')
}

type Token = '*' | ((letter: string) => boolean)

function tokens(pattern: string): Token[] {
  const found: Token[] = []
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern.charAt(at)
    const [bracket = '', not = '', set = ''] = /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) ?? []
    if (letter === '*') found.push('*')
    else if (letter === '?') found.push(() => true)
    else if (bracket !== '') {
      found.push((one) => isInSet(set, one) !== (not !== ''))
      at += bracket.length - 1
    } else {
      const literal = letter === '\\' ? pattern.charAt(++at) : letter
      found.push((one) => one === literal)
    }
  }
  return found
}

function isInSet(set: string, letter: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const [from = '', to = ''] = [set[at], set[at + 2]]
    if (set[at + 1] === '-' && to !== '') {
      if (from <= letter && letter <= to) return true
      at += 2
    } else if (from === letter) return true
  }
  return false
}
