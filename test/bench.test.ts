import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const sources = ['bench', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .map((path) => join(folder, path)),
)

/** Which files of this working copy a source names by a literal path: beside itself, or as a host sees them. */
function filesNamedIn(source: string): string[] {
  const text = readFileSync(join(root, source), 'utf8')
  const beside = [...text.matchAll(/import\.meta\.dirname, '([\w./-]+\.(?:ts|mjs|sh))'/g)]
  const onHost = [...text.matchAll(/\$\{projectOnHost\}\/((?!out\/|dist\/|node_modules)[\w./-]+\.\w+)/g)]
  return [
    ...beside.map(([, path = '']) => join(dirname(source), path)),
    ...onHost.map(([, path = '']) => path),
  ]
}

describe('a file that a bench or a test names by its path', () => {
  it.each(sources.flatMap((source) => filesNamedIn(source).map((path) => [path, source])))(
    '%s, of %s, exists',
    (path) => {
      expect(existsSync(join(root, path))).toBe(true)
    },
  )

  it('is found in the playbook too, which names its folder by a variable', () => {
    const playbook = readFileSync(join(root, 'bench/ansible/add.yml'), 'utf8')
    const named = [...playbook.matchAll(/\{\{ bench \}\}\/([\w./-]+)/g)].map(([, path = '']) => path)
    expect(named).not.toEqual([])
    expect(named.filter((path) => !existsSync(join(root, 'bench', path)))).toEqual([])
  })
})
