import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const sourceFolders = ['contract', 'core', 'main', 'preload', 'renderer', 'helper']

interface Import {
  /** A path from the root without its extension, or a package's name. */
  readonly target: string
  readonly isTypeOnly: boolean
}

interface Source {
  readonly file: string
  readonly text: string
  readonly imports: readonly Import[]
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|(?:\bimport|\brequire)\(\s*['"]([^'"]+)['"]/g

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(importPattern)].map(([, isType, named, called]) => {
    const specifier = (named ?? called ?? '').replace(/\?.*$/, '')
    const target = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier)).replace(/\.tsx?$/, '')
      : specifier
    return { target, isTypeOnly: isType !== undefined }
  })
}

function readSources(): Source[] {
  return sourceFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => {
        const file = join(folder, name)
        const text = readFileSync(join(root, file), 'utf8')
        return { file, text, imports: importsOf(file, text) }
      }),
  )
}

const sources = readSources()

interface Rule {
  /** Files that the rule is about; the first rule that takes a file decides. */
  readonly files: RegExp
  readonly says: string
  readonly mayImport: readonly { test(target: string): boolean }[]
}

const inside = (...folders: string[]) => new RegExp(`^(${folders.join('|')})(/|$)`)
const packages = (...names: string[]) => new RegExp(`^(${names.join('|')})(/|$)`)
const node = /^node:/
/** For the version number alone. */
const manifest = /^package\.json$/
const anyPackage = /^(?!node:|electron$|electron\/)(@[^/]+\/)?[a-z][^/]*(\/|$)/
const ownCode = inside(...sourceFolders)
const isPackage = (target: string) => !ownCode.test(target) && !node.test(target) && anyPackage.test(target)
const library = { test: isPackage }

const rules: readonly Rule[] = [
  {
    files: inside('contract'),
    says: 'contract imports itself and the schema library',
    mayImport: [inside('contract'), packages('valibot')],
  },
  {
    files: inside('core'),
    says: 'core imports contract, and the schema library that contract is written in',
    mayImport: [inside('contract', 'core'), packages('valibot')],
  },
  {
    files: inside('main/ports'),
    says: 'ports import contract and core',
    mayImport: [inside('contract', 'core', 'main/ports')],
  },
  {
    files: inside('main/usecases'),
    says: 'use-cases import contract, core, ports, jobs and failures',
    mayImport: [inside('contract', 'core', 'main/ports', 'main/usecases', 'main/jobs', 'main/failures')],
  },
  {
    files: inside('main/adapters'),
    says: 'adapters import contract, core, ports, failures, Node and their library',
    mayImport: [inside('contract', 'core', 'main/ports', 'main/adapters', 'main/failures'), node, library],
  },
  {
    files: inside('main/shell'),
    says: 'the shell imports contract, core, store, failures, electron, and the schema library for what it is sent',
    mayImport: [
      inside('contract', 'core', 'main/shell', 'main/store', 'main/failures'),
      packages('electron', 'valibot'),
      node,
    ],
  },
  {
    files: inside('main/terminal'),
    says: 'the terminal imports contract, core, store, failures, libraries for terminals, and no Electron',
    mayImport: [
      inside('contract', 'core', 'main/terminal', 'main/store', 'main/failures'),
      packages('commander', 'valibot', 'log-update', 'string-width', 'cli-truncate'),
      node,
    ],
  },
  {
    files: /^main\/(jobs\/.*|store|failures)\.ts$/,
    says: 'jobs, their walk and questions, store and failures import contract, core, ports and each other',
    mayImport: [inside('contract', 'core', 'main/ports', 'main/(jobs|store|failures)')],
  },
  {
    files: /^main\/cli\.ts$/,
    says: 'the terminal’s entry runs without Electron',
    mayImport: [/^(?!main\/shell)(contract|core|main)\//, node, /^(?!electron)/],
  },
  {
    files: /^main\/[^/]+\.ts$/,
    says: 'what composes main may import all of it',
    mayImport: [/^(?!helper|renderer)/],
  },
  {
    files: inside('preload'),
    says: 'preload imports contract (types only) and electron',
    mayImport: [inside('contract', 'preload'), packages('electron')],
  },
  {
    files: inside('renderer'),
    says: 'the renderer imports contract, core and UI libraries; nothing of main, Node or Electron',
    mayImport: [inside('contract', 'core', 'renderer'), library],
  },
  {
    files: inside('helper'),
    says: 'the helper imports contract, core, Node, the schema library, and the policy that it installs',
    mayImport: [inside('contract', 'core', 'helper', 'assets/polkit'), node, manifest, packages('valibot')],
  },
]

const ruleOf = (file: string) => rules.find(({ files }) => files.test(file))

describe('the import table', () => {
  it.each(rules)('holds: $says', (rule) => {
    const broken = sources
      .filter(({ file }) => ruleOf(file) === rule)
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ target }) => !rule.mayImport.some((allowed) => allowed.test(target)))
          .map(({ target }) => `${file} imports ${target}, but ${rule.says}`),
      )
    expect(broken).toEqual([])
  })

  it('has a rule for every source file', () => {
    expect(sources.filter(({ file }) => !ruleOf(file)).map(({ file }) => file)).toEqual([])
  })

  it('lets preload take only types from the contract', () => {
    const broken = sources
      .filter(({ file }) => inside('preload').test(file))
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ target, isTypeOnly }) => inside('contract').test(target) && !isTypeOnly)
          .map(() => file),
      )
    expect(broken).toEqual([])
  })

  it('gives each file of an adapter one library at most, besides schemas', () => {
    const nameOf = (target: string) =>
      target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/')
    const shared = ['valibot']
    const broken = sources
      .filter(({ file }) => inside('main/adapters').test(file))
      .map(({ file, imports }) => ({
        file,
        libraries: new Set(
          imports.filter(({ target }) => isPackage(target)).map(({ target }) => nameOf(target)),
        ),
      }))
      .map(({ file, libraries }) => ({
        file,
        libraries: [...libraries].filter((name) => !shared.includes(name)),
      }))
      .filter(({ libraries }) => libraries.length > 1)
    expect(broken).toEqual([])
  })
})

describe('the house style', () => {
  it('keeps every file within 300 lines', () => {
    const long = sources
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
    expect(long).toEqual([])
  })

  it('has no default exports', () => {
    expect(sources.filter(({ text }) => /^export default\b/m.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('has no barrels: nothing is exported from elsewhere', () => {
    const pattern = /^export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s+from\b/m
    expect(sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('uses neither `any` nor a way round the checks', () => {
    const pattern = /@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable|:\s*any\b|\bas any\b|<any>/
    expect(sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('swallows no error without saying why it may', () => {
    const silent = sources.flatMap(({ file, text }) =>
      swallows(text.split('\n')).map((line) => `${file}:${line} says not why it may swallow an error`),
    )
    expect(silent).toEqual([])
  })

  it.each([
    ['work().catch(() => undefined)', 1],
    ['work().catch(() => {})', 1],
    ['work().catch((_error) => undefined)', 1],
    ["work().then(use, () => '')", 1],
    ['work().then(\n  use,\n  () => false,\n)', 1],
    ["socket.on('error', () => {})", 1],
    ['try {\n  work()\n} catch {\n  return undefined\n}', 1],
    ['try {\n  work()\n} catch {}', 1],
    ['try {\n  work()\n} catch (_error) {\n  return undefined\n}', 1],
    ['// It is looked at again.\nwork().catch(() => undefined)', 0],
    ['work().catch(() => undefined) // It is looked at again.', 0],
    ['try {\n  work()\n} catch {\n  // It is looked at again.\n  return undefined\n}', 0],
    ['try {\n  work()\n} catch {\n  throw new Refusal()\n}', 0],
    ["work().catch(logged(log, 'work-not-done'))", 0],
    ['work().catch((error) => give(error))', 0],
  ])('finds in %j so many silent catches: %i', (text, count) => {
    expect(swallows(text.split('\n'))).toHaveLength(count)
  })
})

/** Handlers that do not take what was thrown. */
const swallowing =
  /\.catch\(\((_\w*)?\) =>|\.then\([^\n]+, \((_\w*)?\) =>|^\s*\(\) => (undefined|false|''|\[\]|\{\}),?( \/\/.*)?$|\.on\('error', \(\) => (\{\}|undefined)|\bcatch( \(_\w*\))? \{/

/** The lines (from 1) that swallow an error and have no comment on them, above them or, of a block, first in it. */
function swallows(lines: readonly string[]): number[] {
  const isComment = (line = '') => /^\s*(\/\/|\*)/.test(line)
  return lines.flatMap((line, at) => {
    if (!swallowing.test(line)) return []
    const next = lines[at + 1] ?? ''
    const isThrown = /\{$/.test(line) && /^\s*(throw |fail\(|return fail\()/.test(next)
    const isInside = /\{$/.test(line) && isComment(next)
    const isSaid = / \/\/ ./.test(line) || isComment(lines[at - 1]) || isInside || / \/\/ ./.test(next)
    return isThrown || isSaid ? [] : [at + 1]
  })
}
