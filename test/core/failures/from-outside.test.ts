import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HelperCode, HelperReason, type HelperResult } from '../../../contract/helper'
import {
  failureOfHelper,
  failureOfScript,
  helperNames,
  scriptNames,
} from '../../../core/failures/from-outside'
import { failureCodes, failureRows } from '../../../core/failures/rows'
import { failureWords } from '../../../core/failures/words'

const root = resolve(import.meta.dirname, '../../..')
const textOf = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n')
const claimed = (source: 'helper' | 'script') =>
  failureCodes.flatMap((code) => failureRows[code][source]?.names ?? [])
const twice = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) !== at)

describe('what a script on a builder fails with', () => {
  const printed = [...textOf('remote', '.sh').matchAll(/\bfail ([a-z][a-z-]+) |say "error ([a-z-]+) /g)].map(
    ([, failed, said]) => failed ?? said ?? '',
  )

  it('stands in one row each, and every name of a row is one that a script prints', () => {
    expect(Object.keys(scriptNames).sort()).toEqual([...new Set(printed)].sort())
    expect(twice(claimed('script'))).toEqual([])
  })

  it('says what the row makes of the words', () => {
    expect(failureOfScript({ name: 'disk-full', text: '/etc', step: 'user' })).toEqual({
      code: 'REMOTE_DISK_FULL',
      facts: { path: '/etc' },
    })
    expect(failureOfScript({ name: 'nix-conf', text: 'line 3', step: 'trust' })).toEqual({
      code: 'REMOTE_NIX_CONF_BROKEN',
      facts: {},
      detail: 'line 3',
    })
  })

  it.each(['later-name', 'toString', ''])('keeps the name %s, which no row knows, as detail', (name) => {
    expect(failureOfScript({ name, text: 'x', step: 'user' })).toEqual({
      code: 'REMOTE_SCRIPT_FAILED',
      facts: { step: 'user' },
      detail: `${name}: x`,
    })
  })
})

describe('what the helper refuses', () => {
  it('stands in one row for each reason, and for each code that says enough', () => {
    expect(HelperReason.options.filter((reason) => !helperNames[reason])).toEqual([])
    expect(twice(claimed('helper'))).toEqual([])
  })

  it('has no reason that the helper never gives', () => {
    const source = textOf('helper', '.ts') + textOf('core/causes', '.ts')
    expect(HelperReason.options.filter((reason) => !source.includes(`'${reason}'`))).toEqual([])
  })

  it('comes with a reason wherever no row claims its code', () => {
    const unexplained = [...textOf('helper', '.ts').matchAll(/Refusal\('([A-Z_]+)', undefined/g)]
    expect(unexplained.map(([, code = '']) => code).filter((code) => !helperNames[code])).toEqual([])
  })

  it('becomes a failure for every code and reason', () => {
    for (const code of HelperCode.options.filter((one) => one !== 'OK')) {
      for (const reason of [undefined, ...HelperReason.options]) {
        const result = { type: 'result' as const, code, ...(reason ? { reason } : {}) }
        expect(failureCodes).toContain(failureOfHelper({ op: 'status' }, result).code)
      }
    }
  })

  it('is told by its code before its reason', () => {
    const result = { type: 'result', code: 'ROLLED_BACK', reason: 'daemon-did-not-return' } as const
    expect(failureOfHelper({ op: 'uninstall' }, result).code).toBe('HELPER_ROLLED_BACK')
  })

  it('names the builder of the request, the generation, and the line of a machines file', () => {
    const refused = (reason: HelperReason, detail?: string): HelperResult => ({
      type: 'result',
      code: 'INVALID',
      reason,
      ...(detail ? { detail } : {}),
    })
    expect(failureOfHelper({ op: 'ping', id: 'anna' }, refused('unreachable')).facts).toEqual({
      builder: 'anna',
    })
    expect(failureOfHelper({ op: 'rollback', generation: 7 }, refused('no-such-generation')).facts).toEqual({
      generation: '7',
    })
    const detail = '/etc/nix/machines:3: too few fields'
    const uninstall = { op: 'uninstall' } as const
    expect(failureOfHelper(uninstall, refused('machines-broken', detail))).toEqual({
      code: 'LOCAL_MACHINES_BROKEN',
      facts: { path: '/etc/nix/machines', line: '3' },
      detail,
    })
  })

  describe('with the line that gave the reason', () => {
    const line = 'nixremote@10.0.0.2: Permission denied (password).'
    const facts = { host: '10.0.0.2', port: '22', user: 'nixremote' }
    const refused = (reason: HelperReason, said: HelperResult['said']) =>
      failureOfHelper({ op: 'prove', id: 'anna' }, { type: 'result', code: 'NEEDS_ATTENTION', reason, said })

    it('says whose login was refused, with which key, and what ssh said', () => {
      const words = failureWords(refused('login-refused', { by: 'ssh', line, facts }))
      expect(words.title).toBe('10.0.0.2 does not let nixremote log in')
      expect(words.cause).toContain('the key that Millwright made for builds')
      expect(words.cause).toContain(line)
      expect(words.action?.kind).not.toBe('copy-command')
    })

    it('quotes what nobody knows under a title that claims nothing', () => {
      const words = failureWords(refused('unknown', { line: 'new words', facts: {} }))
      expect(words.title).toBe('Nix could not use anna')
      expect(words.cause).toContain('“new words”')
      expect(`${words.cause} ${words.remedy}`).not.toMatch(/asleep|trusted|firewall/)
    })

    it('advises to trust a user only where Nix said that it does not', () => {
      const advising = HelperReason.options.filter((reason) =>
        /trusted-users/.test(failureWords(refused(reason, { line, facts })).remedy),
      )
      expect(advising).toEqual(['not-trusted'])
    })
  })
})
