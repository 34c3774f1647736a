import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readForeignMachines } from '../../../core/nix/foreign-machines'
import { parseMachines, renderMachines } from '../../../core/nix/machines'
import { builderSpecs, messyText, publicKey, thousand } from '../../fixtures/arbitraries'

const dialects = ['old', 'new'] as const
const brokenLine = fc.constantFrom(
  'h - - x',
  'h - - -1 1.5',
  '  ',
  ' # note',
  'h?ssh-key=/k',
  'h - - 1 -2',
  'h - - - - - - a!b',
  '- x',
  'a - - x ; b - - y # c',
  ' @/file',
  'h - - 1 1.5',
)

describe('mending', () => {
  it.each(dialects)('leaves nothing that Nix could not read (%s)', (dialect) => {
    const text = fc.array(fc.oneof(brokenLine, messyText)).map((parts) => parts.join('\n'))
    fc.assert(
      fc.property(text, (foreign) => {
        const { mendedText } = readForeignMachines(foreign, dialect)
        expect(parseMachines(mendedText, dialect).problems).toEqual([])
      }),
      thousand,
    )
  })

  it.each(dialects)('touches no line that was whole (%s)', (dialect) => {
    fc.assert(
      fc.property(builderSpecs, brokenLine, (builders, broken) => {
        const whole = renderMachines(builders, () => '/k')
        expect(readForeignMachines(whole, dialect).mendedText).toBe(whole)
        expect(readForeignMachines(whole + broken, dialect).mendedText.startsWith(whole)).toBe(true)
      }),
      thousand,
    )
  })

  it.each([
    ['anna x86_64-linux /k -3 2 kvm', 'ssh://anna x86_64-linux /k 1 2 kvm - -'],
    ['ssh://anna - - 4 1.5', 'ssh://anna - - 4 2 - - -'],
    ['   # old ones', '# old ones'],
    ['anna ; - x # gone', 'anna'],
    ['anna?ssh-key=/k', 'ssh://anna?ssh-key=/k - - 1 1 - - -'],
  ])('makes of %j %j', (line, mended) => {
    expect(readForeignMachines(line, 'old').broken).toMatchObject([{ line: 1, mended }])
  })

  it.each([
    ['a whole public key', `ssh://anna x86_64-linux ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ root@anna 4 1`],
    ['a column too few', 'ssh://anna x86_64-linux 4 kvm'],
    ['a column too many', 'ssh://anna nix x86_64-linux /k 4 1'],
    ['a word for a number', 'ssh://anna x86_64-linux /k many 2'],
    ['another order', 'ssh://anna /k x86_64-linux kvm 2 4'],
    ['a comment without its sign', 'ssh://anna x86_64-linux /k 4 fast machine in the cellar'],
    ['a pin that is none', 'ssh://anna x86_64-linux /k 4 1.5 - - SHA256:abcdef'],
    ['the syntax of another program', 'Host=anna Port=22 - 1.5'],
  ])('proposes nothing where there is %s', (_, line) => {
    const found = [line, `${line} ; otto`].map((text) => readForeignMachines(text, 'old').broken)
    expect(found.map(([broken]) => broken?.mended)).toEqual(['', ''])
  })
})

describe('adopting', () => {
  it('finds protocol, login, columns and pin', () => {
    fc.assert(
      fc.property(publicKey, (key) => {
        const column = Buffer.from(`${key.type} ${key.key} root@anna\n`).toString('base64')
        const { adoptable } = readForeignMachines(
          `ssh-ng://nix@anna.lan?compress=true x86_64-linux,i686-linux /k 4 2 kvm big - \nssh://[2001:db8::1]:2222 - - - - - - ${column}`,
          'new',
        )
        expect(adoptable).toMatchObject([
          {
            protocol: 'ssh-ng',
            address: { user: 'nix', host: 'anna.lan' },
            machine: { systems: ['x86_64-linux', 'i686-linux'], maxJobs: 4, speedFactor: 2, sshKey: '/k' },
          },
          { protocol: 'ssh', address: { host: '2001:db8::1', port: 2222 }, hostKey: key },
        ])
      }),
      thousand,
    )
  })

  it('leaves what is no SSH, this computer, or no address', () => {
    expect(
      readForeignMachines('/dir\nlocalhost\nssh://a%20b\nssh://me:pw@h', 'new').notAdoptable,
    ).toMatchObject([
      { reason: 'not-ssh' },
      { reason: 'this-computer' },
      { reason: 'bad-character' },
      { reason: 'has-password' },
    ])
  })
})
