import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stepsOf } from '../core/jobs/kinds'
import { exitStatus } from '../main/terminal/io'
import { runProgram } from '../main/terminal/program'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = ['.', 'docs', 'docs/adr', '.github'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, kind, body = '']) =>
    kind === language ? [body] : [],
  )

/** What the program itself says to a command line that it can answer without touching anything. */
async function ask(words: readonly string[]) {
  let said = ''
  const hear = (text: string) => {
    said += text
  }
  const io = { out: hear, err: hear, interactive: false }
  const none = () => Promise.reject(new Error('not to be used'))
  const status = await runProgram(words, {
    version: '0.0.0',
    io: { ...io, readInput: none, prompt: none },
    app: none,
    helper: { run: none },
  })
  return { status, said }
}

/** The commands, and those of a group as two words, as `--help` lists them. */
async function commandsBelow(words: readonly string[]): Promise<(readonly string[])[]> {
  const { said } = await ask([...words, '--help'])
  const [, list = ''] = said.split('Commands:\n')
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name]) =>
    name && name !== 'help' ? [name] : [],
  )
  const below = await Promise.all(names.map((name) => commandsBelow([...words, name])))
  return names.flatMap((name, index) => [[...words, name], ...(below[index] ?? [])])
}

describe('docs/cli.md', () => {
  const page = read('docs/cli.md')
  const plain = (text: string) => text.split(/\s+/).filter(Boolean).join(' ')

  it('shows the help of every command as the program prints it, and of no other', async () => {
    const commands = [[], ...(await commandsBelow([]))]
    const helps = await Promise.all(
      commands.map(async (words) => plain((await ask([...words, '--help'])).said)),
    )
    expect(blocks(page, 'text').map(plain).sort()).toEqual(helps.sort())
  })

  it('lists every exit status', () => {
    const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status))
    expect(listed).toEqual(Object.values(exitStatus))
  })

  it('names the steps of adding in their order', () => {
    expect(page.replaceAll('\n', ' ')).toContain(
      stepsOf('add')
        .map((step) => `\`${step}\``)
        .join(', '),
    )
  })
})

describe('docs/security.md', () => {
  const named = [...read('docs/security.md').matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)]

  it('names a test for each promise', () => {
    const promises =
      read('docs/security.md')
        .split('## Known limits')[0]
        ?.split(/^\*\*\d+\. /m)
        .slice(1) ?? []
    expect(promises.length).toBeGreaterThan(5)
    for (const promise of promises) expect(promise).toMatch(/^- `test\//m)
  })

  it.each(named.map(([, file, title]) => [file ?? '', title ?? '']))('%s: %s', (file, title) => {
    const calls = read(file).replace(/\(\s+/g, '(')
    const isThere = ["'", '"', '`'].some((quote) => calls.includes(`(${quote}${title}${quote}`))
    expect(isThere).toBe(true)
  })
})

const commandsOf = (text: string) => blocks(text, 'sh').flatMap((block) => block.trim().split('\n'))
const inlineOf = (text: string) =>
  [...text.matchAll(/`((?:npm|millwright) [^`]+)`/g)].map(([, command]) => command ?? '')

describe.each(['README.md', 'CONTRIBUTING.md'])('%s', (page) => {
  const all = [...commandsOf(read(page)), ...inlineOf(read(page))]
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

  it.each(all.filter((line) => line.startsWith('npm ')))('%s exists', (line) => {
    const [, verb = '', name = ''] = line.split(' ')
    const script = scripts[verb === 'run' ? name : verb] ?? ''
    expect(script).not.toBe('')
    for (const file of script.match(/[\w./-]+\.(mjs|ts)/g) ?? [])
      expect(existsSync(join(root, file))).toBe(true)
  })

  it.each(all.filter((line) => line.startsWith('millwright ')))('%s is understood', async (line) => {
    const { status, said } = await ask([...line.split(' ').slice(1), '--help'])
    expect(status).toBe(0)
    const [, name = ''] = line.split(' ')
    expect(said).toMatch(new RegExp(`^Usage: millwright ${name}\\b`))
    for (const option of line.match(/--[a-z-]+/g) ?? []) expect(said).toContain(option)
  })
})

describe('README.md', () => {
  const commands = commandsOf(read('README.md'))

  it('leads to what a contributor, and who finds a hole, has to know', () => {
    const end = read('README.md').trim().split('\n\n').at(-1)
    for (const page of ['CONTRIBUTING.md', 'SECURITY.md']) expect(end).toContain(`(${page})`)
  })

  it('names no command besides those of npm, of millwright, and the one that installs the helper', () => {
    const others = commands.filter((line) => !/^(npm|millwright) /.test(line))
    expect(others).toEqual(['sudo bin/millwright helper install'])
  })
})

describe('every page', () => {
  it.each(pages)('%s leads to files that exist', (page) => {
    const targets = [...read(page).matchAll(/(?:\]\(|src(?:set)?=")(?!https:)([^)"#:]+)/g)].map(
      ([, target]) => target ?? '',
    )
    for (const target of targets) {
      expect({ target, exists: existsSync(resolve(root, page, '..', target)) }).toEqual({
        target,
        exists: true,
      })
    }
  })
})
