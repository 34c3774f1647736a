import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { cruise, type IReporterOutput } from 'dependency-cruiser'
import { describe, expect, it } from 'vitest'
import table from '../.dependency-cruiser.mjs'

const root = resolve(import.meta.dirname, '..')
const sourceFolders = ['contract', 'core', 'main', 'preload', 'renderer', 'helper']

const sources = sourceFolders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => {
      const file = join(folder, name)
      return { file, text: readFileSync(join(root, file), 'utf8') }
    }),
)

const { modules, violations } = await readImports()

async function readImports() {
  const { options, forbidden } = table
  const { output }: IReporterOutput = await cruise(sourceFolders, {
    ...options,
    baseDir: root,
    metrics: true,
    validate: true,
    ruleSet: { forbidden },
  })
  if (typeof output === 'string') throw new Error(output)
  return { modules: output.modules, violations: output.summary.violations }
}

describe('the import table', () => {
  it.each(table.forbidden)('holds: $comment', ({ name, comment }) => {
    const broken = violations
      .filter(({ rule }) => rule.name === name)
      .map(({ from, to, cycle = [] }) => {
        const way = cycle.length > 0 ? cycle.map((step) => step.name).join(' → ') : to
        return `${from} → ${way}, but ${comment}`
      })
    expect(broken).toEqual([])
  })

  it('reads every source file', () => {
    const read = new Set(modules.map(({ source }) => source))
    const ambient = /\.d\.ts$/
    expect(
      sources.filter(({ file }) => !read.has(file) && !ambient.test(file)).map(({ file }) => file),
    ).toEqual([])
  })

  it('has a floor for every source file', () => {
    const floors = table.forbidden.flatMap(({ from }) => from.path ?? [])
    const homeless = sources.filter(({ file }) => !floors.some((path) => new RegExp(path).test(file)))
    expect(homeless.map(({ file }) => file)).toEqual([])
  })

  it('gives each file of an adapter one library at most, besides schemas', () => {
    const libraryOf = (path: string) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1]
    const broken = modules
      .filter(({ source }) => source.startsWith('main/adapters/'))
      .map(({ source, dependencies }) => ({
        source,
        libraries: new Set(
          dependencies
            .flatMap(({ resolved }) => libraryOf(resolved) ?? [])
            .filter((name) => name !== 'valibot'),
        ),
      }))
      .filter(({ libraries }) => libraries.size > 1)
    expect(broken).toEqual([])
  })
})

describe('rooms', () => {
  it('hold twenty files of code at most', () => {
    const folders = [...sourceFolders, 'remote', 'test', 'bench', 'scripts'].flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
    )
    const counts = new Map<string, number>()
    for (const path of folders.filter((name) => /\.(tsx?|mjs|sh|css)$/.test(name)))
      counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count > 20)).toEqual([])
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

  it('has no fake in the tests that only claims to be what it stands for', () => {
    const pattern = /\bas (unknown as|never)\b/
    // Sentences that speak of it are no code.
    const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'/gm, '')
    const claims = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .filter((name) => pattern.test(code(readFileSync(join(root, 'test', name), 'utf8'))))
    expect(claims).toEqual([])
  })

  it('asks in one place what system and what kind of Nix this is', () => {
    // What Electron draws differs by desktop, which is no business of Nix's.
    const asked = ['core/nix/installation.ts', 'helper/system/find-installation.ts']
    const isFree = (file: string) => asked.includes(file) || /^(main\/shell|renderer)\//.test(file)
    // A path that is looked at, unlike one that is told to a person: it stands by itself in quotes.
    const marks =
      /process\.platform|'\/etc\/NIXOS'|darwin-version'|etc\\?\/static|'\/run\/(systemd\/system|openrc)'|daemon-socket\/socket|\/(etc\/(init|rc)\.d|usr\/lib\/systemd\/system|Library\/LaunchDaemons)\/\S*nix-daemon(\.\w+)?['`]|bin\/(pkexec|sudo|doas|run0|determinate-nixd)'/
    const others = sources.filter(({ file, text }) => !isFree(file) && marks.test(text))
    expect(others.map(({ file }) => file)).toEqual([])
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
