import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFailure, type KnownFailure, withFlowFacts } from '../../../core/failures/failure'
import { failureRow } from '../../../core/failures/failure-row'
import { type FailureCode, failureCodes, failureRows } from '../../../core/failures/rows'
import { fail } from '../../../main/failures'

const root = resolve(import.meta.dirname, '../../..')

/** Whatever raises failures; the rows themselves do not. */
const raising = ['core', 'main', 'renderer']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => /\.tsx?$/.test(path) && !/^core\/failures\/(?!words)/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))

/** Files that raise it, by its code as a literal or as the name of a row. */
const raisersOf = (code: FailureCode) =>
  raising.filter((text) => text.includes(`'${code}'`) || text.includes(`.${code}.`))

/** What the functions of a row take from what was said outside. */
function takenFromOutside(code: FailureCode): readonly string[] {
  const { helper, script } = failureRows[code]
  const request = { op: 'rollback', generation: 7 } as const
  const names = ['said', 'path', 'line', 'kind', 'offer', 'jump', 'host', 'port', 'user', 'options']
  const said = {
    line: '/etc/nix belongs to uid 1000',
    facts: Object.fromEntries(names.map((name) => [name, name])),
  }
  return Object.keys({
    ...helper?.facts?.({ request, detail: '/etc/nix/machines:3: wrong', said }),
    ...script?.facts?.({ name: 'busy', text: 'said', step: 'user' }),
  })
}

const flowFacts = ['builder', 'host', 'user', 'port', 'notFollowed']

describe('the rows of failures', () => {
  it('stand each in one file', () => {
    const folder = join(root, 'core/failures')
    const codes = readdirSync(folder).flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^ {2}([A-Z_]+): failureRow\(/gm)].map(
        ([, code]) => code,
      ),
    )
    expect(codes.sort()).toEqual([...failureCodes].sort())
  })

  it.each(failureCodes)('%s is raised somewhere', (code) => {
    const { helper, script } = failureRows[code]
    expect(
      raisersOf(code).length + (helper?.names ?? []).length + (script?.names ?? []).length,
    ).toBeGreaterThan(0)
  })

  it.each(failureCodes)('%s gets each fact that its words may read from somewhere', (code) => {
    const outside = takenFromOutside(code)
    const sets = (name: string) =>
      outside.includes(name) || raisersOf(code).some((text) => new RegExp(`\\b${name}\\b *[:,}]`).test(text))
    const own = Object.keys(failureRows[code].facts).filter((name) => !flowFacts.includes(name))
    expect(own.filter((name) => !sets(name))).toEqual([])
  })
})

/** Each line that must not compile is one that `npm run types` would complain about if it did. */
describe('the compiler', () => {
  const words = { title: '', cause: '', remedy: '' }
  const given = { host: 'otto', more: 'x' }

  it('lets words read only what their row declares', () => {
    // @ts-expect-error: no fact is declared.
    failureRow({ words: ({ host }) => ({ ...words, title: host }) })
    // @ts-expect-error: another one is declared.
    failureRow({ facts: { host: 'required' }, words: ({ user }) => ({ ...words, title: user }) })
    // @ts-expect-error: it may be missing.
    failureRow({ facts: { host: 'optional' }, words: ({ host }) => ({ ...words, title: host }) })
    const row = failureRow({ facts: { host: 'required' }, words: ({ host }) => ({ ...words, title: host }) })
    expect(row.wordsOf({ host: 'otto' })?.title).toBe('otto')
    expect(row.wordsOf({})).toBeUndefined()
  })

  it('lets no source go without the facts that its row requires', () => {
    const row = failureRow({
      facts: { path: 'required' },
      // @ts-expect-error: the path is not taken from what was said.
      script: { names: ['disk-full'] },
      words: ({ path }) => ({ ...words, title: path }),
    })
    failureRow({
      facts: { path: 'required' },
      // @ts-expect-error: nor here.
      helper: { names: ['grammar'], facts: () => ({}) },
      words: () => words,
    })
    // @ts-expect-error: the helper has no such reason.
    failureRow({ helper: { names: ['no-such-reason'] }, words: () => words })
    expect(row.script?.names).toEqual(['disk-full'])
  })

  it('lets nothing fail without the facts that the row requires, nor with others', () => {
    const raise: readonly (() => never)[] = [
      () => fail('NOTHING_SET_UP'),
      () => fail('NOT_SSH', { host: 'otto', port: '22', builder: 'anna' }),
      // @ts-expect-error: it requires a path.
      () => fail('DATA_UNWRITABLE'),
      // @ts-expect-error: it requires a path.
      () => fail('DATA_UNWRITABLE', {}),
      // @ts-expect-error: no row declares that.
      () => fail('NOTHING_SET_UP', { more: 'x' }),
      // @ts-expect-error: not by a spread either.
      () => fail('NAME_NOT_FOUND', { ...given }),
      // @ts-expect-error: one of the two requires a path.
      () => fail(Math.random() > 2 ? 'NOTHING_SET_UP' : 'DATA_UNWRITABLE', {}),
      // @ts-expect-error: there is no such row.
      () => fail('NO_SUCH_CODE'),
    ]
    for (const one of raise) expect(one).toThrow()
  })

  it('checks a failure that is written down as data', () => {
    const failures: readonly KnownFailure[] = [
      { code: 'NAME_NOT_FOUND', facts: { host: 'otto' } },
      // @ts-expect-error: it requires a host.
      { code: 'NAME_NOT_FOUND', facts: {} },
      // @ts-expect-error: no row declares that.
      { code: 'NAME_NOT_FOUND', facts: { host: 'otto', more: 'x' } },
      // @ts-expect-error: there is no such row.
      { code: 'NO_SUCH_CODE', facts: {} },
    ]
    expect(failures).toHaveLength(4)
  })

  it('keeps what a failure says itself when the flow adds what it knows', () => {
    const failure = createFailure('SUDO_NOT_ALLOWED', { user: 'anna' }, '')
    expect(withFlowFacts(failure, { user: 'root', host: 'otto' })).toEqual({
      code: 'SUDO_NOT_ALLOWED',
      facts: { user: 'anna', host: 'otto' },
    })
  })
})
