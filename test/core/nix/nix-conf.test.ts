import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addLastInclude,
  parseNixConf,
  removeInclude,
  renderOwnNixConf,
  settingsAfterInclude,
} from '../../../core/nix/nix-conf'
import { messyText, thousand } from '../../fixtures/arbitraries'

const path = '/etc/nix/millwright/current/nix.conf'
const ours = {
  existingBuilders: '@/etc/nix/machines',
  machinesPath: '/m/machines',
  buildersUseSubstitutes: true,
}

describe('the include line', () => {
  it('added and removed leaves every byte, whatever the final newline', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        expect(removeInclude(addLastInclude(text, path), path)).toBe(text)
      }),
      thousand,
    )
  })

  it('is the last thing that Nix reads', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const added = addLastInclude(text, path)
        const { includes, settings } = parseNixConf(added, 'nix.conf')
        expect(includes.at(-1)).toMatchObject({ path, optional: true })
        expect(includes.at(-1)?.line).toBeGreaterThan(settings.at(-1)?.line ?? 0)
        expect(settingsAfterInclude(added, path)).toEqual([])
      }),
      thousand,
    )
  })

  it('added twice is added once', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const once = addLastInclude(text, path)
        expect(addLastInclude(once, path)).toBe(once)
      }),
      thousand,
    )
  })

  it('changes nothing else that Nix reads', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const before = parseNixConf(text, 'f')
        const after = parseNixConf(addLastInclude(text, path), 'f')
        expect(after.settings).toEqual(before.settings)
        expect(after.problems).toEqual(before.problems)
      }),
      thousand,
    )
  })

  it('ends the file as the file ended', () => {
    expect(addLastInclude('', path)).toBe(`!include ${path}\n`)
    expect(addLastInclude('a = 1\n', path)).toBe(`a = 1\n!include ${path}\n`)
    expect(addLastInclude('a = 1', path)).toBe(`a = 1\n!include ${path}`)
  })

  it('is found again when somebody spaced it or made it strict', () => {
    expect(removeInclude(`a = 1\n  include   ${path} # ours\nb = 2\n`, path)).toBe('a = 1\nb = 2\n')
  })
})

describe('lines below the include', () => {
  it('are told when they would undo ours', () => {
    const text = `substituters = a\n!include ${path}\ncores = 2\nsubstituters = b\nextra-substituters = c\ninclude more\n`
    expect(settingsAfterInclude(text, path)).toEqual([
      { line: 4, name: 'substituters', value: 'b' },
      { line: 6, path: 'more', optional: false },
    ])
  })

  it('are none when there is no include', () => {
    expect(settingsAfterInclude('builders =\n', path)).toEqual([])
  })
})

describe('nix.conf', () => {
  it('sorts every line into setting, include, problem or nothing, without a throw', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const { settings, includes, problems } = parseNixConf(text, 'f')
        const lines = [...settings, ...includes, ...problems].map(({ line }) => line)
        expect(new Set(lines).size).toBe(lines.length)
      }),
      thousand,
    )
  })

  it('joins the words of a value by one space and keeps quotes', () => {
    expect(parseNixConf('builders =  "h1"\t x  # note\nname =', 'f').settings).toEqual([
      { line: 1, name: 'builders', value: '"h1" x' },
      { line: 2, name: 'name', value: '' },
    ])
  })

  it.each(['max-jobs=4', 'max-jobs =4', 'word', 'include', 'include a b', '!include'])(
    'cannot hold %j',
    (line) => {
      expect(parseNixConf(`a = b\n${line}\n`, 'f').problems).toEqual([{ line: 2, text: line, file: 'f' }])
    },
  )
})

describe('our own nix.conf', () => {
  it('joins the builders with no space round `;`', () => {
    expect(renderOwnNixConf({ ...ours, remoteOnly: false })).toBe(
      'builders = @/etc/nix/machines;@/m/machines\nbuilders-use-substitutes = true\n',
    )
  })

  it('names ours alone when the system had none, and once when it is there already', () => {
    for (const existingBuilders of ['', ' ', '@/m/machines', '@/m/machines ; ']) {
      expect(renderOwnNixConf({ ...ours, existingBuilders, remoteOnly: false })).toContain(
        'builders = @/m/machines\n',
      )
    }
  })

  it('keeps every machine that was there, and is one Nix can read', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,5})?$/), { maxLength: 5 }), (machines) => {
        const text = renderOwnNixConf({ ...ours, existingBuilders: machines.join(' ; '), remoteOnly: true })
        const { settings, problems } = parseNixConf(text, 'f')
        expect(problems).toEqual([])
        expect(settings.find(({ name }) => name === 'builders')?.value).toBe(
          [...machines, '@/m/machines'].join(';'),
        )
        expect(settings.find(({ name }) => name === 'max-jobs')?.value).toBe('0')
      }),
      thousand,
    )
  })
})
