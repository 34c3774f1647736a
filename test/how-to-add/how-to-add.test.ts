import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Edit, inTheWorld, ways } from './ways'

const root = resolve(import.meta.dirname, '../..')
const left = new Set(['node_modules', 'out', 'dist', 'docs', '.git', '.ci'])
const compileTimeoutMs = 240_000

/** How many files each way takes, as CONTRIBUTING.md says. */
const counts: Readonly<Record<keyof typeof ways, number>> = {
  failure: 3,
  setting: 2,
  'remote check': 3,
  'root operation': 3,
  'job command': 6,
}

describe('what CONTRIBUTING.md says of adding a thing', () => {
  let copy: string
  const apply = (edits: readonly (readonly [string, Edit])[]) => {
    for (const [file, edit] of edits) {
      const path = join(copy, file)
      writeFileSync(path, edit(existsSync(path) ? readFileSync(path, 'utf8') : ''))
    }
  }
  const errorsOf = (project: string) =>
    new Promise<string[]>((settle) => {
      const tsc = join(root, 'node_modules/.bin/tsc')
      execFile(tsc, ['--pretty', 'false', '-p', project], { cwd: copy }, (_, stdout) =>
        settle(stdout.split('\n').filter((line) => line !== '')),
      )
    })
  const edits = [...Object.values(ways), inTheWorld].flatMap((way): (readonly [string, Edit])[] =>
    Object.entries(way),
  )
  const isContract = ([file]: readonly [string, Edit]) => file.startsWith('contract/')

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'millwright-how-to-add-'))
    for (const name of readdirSync(root).filter((one) => !left.has(one)))
      cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  })

  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it.each(Object.entries(ways))('a %s takes as many files as it says, and names them', (name, way) => {
    const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
    const count = Object.entries(counts).find(([known]) => known === name)?.[1]
    expect(Object.keys(way)).toHaveLength(count ?? 0)
    const [, part = ''] =
      new RegExp(`^### A ${name}: ${count} files.*?$(.*?)(?=^#|\\Z)`, 'ms').exec(`${page}\n#`) ?? []
    for (const file of Object.keys(way)) {
      const folder = file.slice(0, file.lastIndexOf('/') + 1)
      expect(part.includes(`\`${file}\``) || part.includes(`\`${folder}\``) ? '' : `${name}: ${file}`).toBe(
        '',
      )
    }
  })

  it('has the compiler name what is missing, once the contract knows of it', {
    timeout: compileTimeoutMs,
  }, async () => {
    apply(edits.filter(isContract))
    const errors = await errorsOf('tsconfig.node.json')
    const named = new Set(errors.flatMap((line) => /^([\w./-]+)\(/.exec(line)?.[1] ?? []))
    expect([...named].sort()).toEqual([
      'core/jobs/kinds.ts',
      'helper/operations/configure-operations.ts',
      'main/commands.ts',
      'test/fakes/root.ts',
    ])
  })

  it('compiles with one of each, tests and all', { timeout: compileTimeoutMs }, async () => {
    apply(edits.filter((edit) => !isContract(edit)))
    const projects = ['tsconfig.node.json', 'tsconfig.web.json']
    expect((await Promise.all(projects.map(errorsOf))).flat()).toEqual([])
  })
})
