import { createHash } from 'node:crypto'
import type { Host } from './host'

/** What lies below some paths of a host: path → type, mode, owner, group, and link target or content hash. */
export type Tree = Readonly<Record<string, string>>

/** Reads it on the host itself, so that links mean what they mean there. A path that is absent is not listed. */
export async function readTree(
  must: Host['must'],
  paths: readonly string[],
  exclude: readonly string[],
): Promise<Tree> {
  const pruned = exclude.flatMap((path) => ['-path', path, '-prune', '-o'])
  // Names are read as bytes up to NUL; for files the hash follows in the order in which they were found.
  const list = ['-printf', '%y %m %U:%G %l\\t%p\\0']
  const script = `for path; do shift; [ ! -e "$path" ] && [ ! -L "$path" ] || set -- "$@" "$path"; done
[ $# -gt 0 ] || exit 0
find "$@" ${[...pruned, ...list].map(quote).join(' ')} && printf '\\0' &&
find "$@" ${[...pruned, '-type', 'f', '-print0'].map(quote).join(' ')} | xargs -0 -r sha256sum -z`
  const stdout = await must(['sh', '-c', script, 'tree', ...paths])
  const [entries = '', hashes = ''] = stdout.split('\0\0')
  const hashOf = new Map(
    hashes
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  )
  const lines = entries.split('\0').filter((line) => line !== '')
  return Object.fromEntries(
    lines
      .map((line) => {
        const cut = line.indexOf('\t')
        const path = line.slice(cut + 1)
        return [path, `${line.slice(0, cut)}${hashOf.get(path) ?? ''}`] as const
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** One SHA-256 (hex) over a tree. */
export function treeHash(tree: Tree): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(tree)))
    .digest('hex')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
