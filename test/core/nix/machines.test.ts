import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialectOf, type MachinesDialect, parseMachines, renderMachines } from '../../../core/nix/machines'
import { parseNixVersion } from '../../../core/nix/nix-version'
import { builderSpecs, messyText, thousand } from '../../fixtures/arbitraries'

const dialects = ['old', 'new'] as const
const keyPath = (id: string) => `/etc/nix/millwright/keys/${id}`

describe('a rendered machines file', () => {
  it.each(dialects)('is read back whole by the %s way of splitting', (dialect) => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const { machines, includes, problems } = parseMachines(renderMachines(builders, keyPath), dialect)
        expect(problems).toEqual([])
        expect(includes).toEqual([])
        expect(machines).toEqual(
          builders.map((builder, index) => ({
            line: index + 1,
            uri: `${builder.protocol}://millwright-${builder.id}`,
            systems: builder.systems,
            sshKey: keyPath(builder.id),
            maxJobs: builder.maxJobs,
            speedFactor: builder.speedFactor,
            supportedFeatures: builder.supportedFeatures,
            mandatoryFeatures: builder.mandatoryFeatures,
          })),
        )
      }),
      thousand,
    )
  })

  it('holds eight plain columns a line, no comment, no `;`, no `@`', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const text = renderMachines(builders, keyPath)
        expect(text).not.toMatch(/[;#@\t\r?%]/)
        const lines = text.split('\n').slice(0, -1)
        expect(lines).toHaveLength(builders.length)
        for (const line of lines) expect(line.split(' ')).toHaveLength(8)
      }),
      thousand,
    )
  })

  it('is empty for no builders', () => {
    expect(renderMachines([], keyPath)).toBe('')
  })
})

describe('any text', () => {
  it.each(dialects)('is read by the %s way without a throw, every line counted', (dialect) => {
    fc.assert(
      fc.property(messyText, (text) => {
        const { machines, problems } = parseMachines(text, dialect)
        const lineCount = text.split('\n').length
        for (const { line } of [...machines, ...problems]) {
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(lineCount)
        }
      }),
      thousand,
    )
  })
})

const uris = (text: string, dialect: MachinesDialect) =>
  parseMachines(text, dialect).machines.map(({ uri }) => uri)

describe('the old way of splitting', () => {
  it('starts a builder after a `;` inside a comment', () => {
    expect(uris('h1 # note ; h2', 'old')).toEqual(['ssh://h1', 'ssh://h2'])
    expect(uris('# note ; h2', 'old')).toEqual(['ssh://h2'])
  })

  it('stops at a line of spaces', () => {
    expect(parseMachines('h1\n   # gone', 'old').problems).toMatchObject([
      {
        code: 'no-store',
        line: 2,
        message: "bad machine specification: store URL was not found at the first column of a row: '   '",
        stopsAll: true,
      },
    ])
  })

  it('takes ` @/file` for a local store, and `@ /file` for an include', () => {
    expect(uris(' @/file', 'old')).toEqual(['@/file'])
    expect(parseMachines('h1 ; @/file', 'old').includes).toEqual([])
    expect(parseMachines('h1;@  /file ', 'old').includes).toEqual(['/file'])
  })
})

describe('the new way of splitting', () => {
  it('ends a comment at the end of its line', () => {
    expect(uris('h1 # note ; h2', 'new')).toEqual(['ssh://h1'])
  })

  it('skips lines of spaces and trims before it looks for `@`', () => {
    expect(parseMachines('h1\n   \n ; @/file ', 'new')).toMatchObject({ includes: ['/file'], problems: [] })
  })
})

describe('a machine line', () => {
  it.each([
    ['h - - abc', "failed to convert column #3 in a row: 'h - - abc' to 'unsigned int'"],
    ['h - - -1', "failed to convert column #3 in a row: 'h - - -1' to 'unsigned int'"],
    ['h - - 4294967296', "failed to convert column #3 in a row: 'h - - 4294967296' to 'unsigned int'"],
    ['h - - 1 1.5', "failed to convert column #4 in a row: 'h - - 1 1.5' to 'unsigned int'"],
  ])('%j is refused in Nix’s words', (line, words) => {
    expect(parseMachines(line, 'old').problems.map(({ message }) => message)).toEqual([
      `bad machine specification: ${words}`,
    ])
  })

  it('may have a fraction for its speed from 2.20 on, never less than nothing', () => {
    expect(parseMachines('h - - 1 1.5', 'new').machines[0]?.speedFactor).toBe(1.5)
    expect(parseMachines('h - - 1 1.5', 'old', { fractions: true }).machines[0]?.speedFactor).toBe(1.5)
    expect(parseMachines('h - - 1 -2', 'new').problems[0]?.message).toBe('speed factor must be >= 0')
  })

  it('counts a speed of 0 as 1 and keeps 0 jobs', () => {
    expect(parseMachines('h - - 0 0', 'old').machines[0]).toMatchObject({ maxJobs: 0, speedFactor: 1 })
  })

  it('gets `ssh://` only where Nix adds it', () => {
    expect(uris('h\nu@h\nh?compress=true\nlocal\ndaemon\n/dir\nssh-ng://h', 'old')).toEqual([
      'ssh://h',
      'ssh://u@h',
      'ssh://h?compress=true',
      'local',
      'daemon',
      '/dir',
      'ssh-ng://h',
    ])
  })

  it('with a slash in a bare name stops all builders from 2.24.15 on, itself alone before', () => {
    expect(parseMachines('h?ssh-key=/k', 'old').problems).toMatchObject([
      { message: "don't know how to open Nix store 'h?ssh-key=/k'", stopsAll: false },
    ])
    expect(parseMachines('h?ssh-key=/k', 'new').problems).toMatchObject([
      { message: "Cannot parse Nix store 'h?ssh-key=/k'", stopsAll: true },
    ])
  })

  it('is refused when its host key is not Base64', () => {
    expect(parseMachines('h - - - - - - a!b', 'old').problems[0]?.code).toBe('not-base64')
    expect(parseMachines('h - - - - - - YWJj ninth', 'old').problems).toEqual([])
  })
})

describe('the way a Nix splits', () => {
  it.each([
    ['nix (Nix) 2.3.18', 'old'],
    ['nix (Nix) 2.8.0', 'old'],
    ['nix (Nix) 2.24.14', 'old'],
    ['nix (Nix) 2.24.15', 'new'],
    ['nix (Nix) 2.26.3', 'old'],
    ['nix (Nix) 2.28.1', 'old'],
    ['nix (Nix) 2.28.2', 'new'],
    ['nix (Determinate Nix 3.22.2) 2.35.2', 'new'],
    ['nix (Lix, like Nix) 2.95.0', 'old'],
  ])('%s splits the %s way', (banner, dialect) => {
    const version = parseNixVersion(banner)
    expect(version && dialectOf(version)).toBe(dialect)
  })
})
