import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findOwnKeys,
  keyRoles,
  parseAuthorizedKeys,
  putOwnKey,
  removeOwnKeys,
  renderOwnKey,
} from '../../../core/ssh/authorized-keys'
import { hostile, messyText, publicKey, thousand } from '../../fixtures/arbitraries'

const install = fc.stringMatching(/^[0-9a-f]{8}$/)
const role = fc.constantFrom(...keyRoles)
const own = fc.record({
  install,
  role,
  key: publicKey,
  command: fc.constant('/usr/local/lib/millwright/serve'),
})

describe('our line in authorized_keys', () => {
  it('is found again by its comment, with all that was put in', () => {
    fc.assert(
      fc.property(messyText, own, (text, line) => {
        expect(findOwnKeys(putOwnKey(text, line), line.install)).toMatchObject([
          { role: line.role, ...line.key, options: `restrict,command="${line.command}"` },
        ])
      }),
      thousand,
    )
  })

  it('put in and taken out leaves every byte', () => {
    fc.assert(
      fc.property(messyText, own, (text, line) => {
        expect(removeOwnKeys(putOwnKey(text, line), line.install)).toBe(text)
      }),
      thousand,
    )
  })

  it('replaces an older one of its role and leaves other roles and installations', () => {
    fc.assert(
      fc.property(messyText, own, own, publicKey, (text, mine, other, key) => {
        fc.pre(mine.install !== other.install)
        const both = putOwnKey(putOwnKey(text, mine), other)
        const renewed = putOwnKey(both, { ...mine, key })
        expect(findOwnKeys(renewed, mine.install)).toMatchObject([key])
        expect(findOwnKeys(renewed, other.install)).toMatchObject([other.key])
      }),
      thousand,
    )
  })

  it('takes no command that could end its quotes or its line', () => {
    fc.assert(
      fc.property(own, hostile, (line, text) => {
        fc.pre(!/^\/[\w./+-]+$/.test(text))
        expect(() => renderOwnKey({ ...line, command: text })).toThrow(RangeError)
        expect(() => renderOwnKey({ ...line, command: `/bin/x${text}"` })).toThrow(RangeError)
      }),
      thousand,
    )
  })
})

describe('somebody else’s line', () => {
  it('is cut into its parts, quoted spaces and all', () => {
    const text =
      '# note\n\ncommand="echo \\"a b\\"",no-pty ssh-ed25519 AAAA me at home\nssh-rsa BBBB\nnonsense\n'
    expect(parseAuthorizedKeys(text)).toEqual([
      {
        line: 3,
        options: 'command="echo \\"a b\\"",no-pty',
        type: 'ssh-ed25519',
        key: 'AAAA',
        comment: 'me at home',
      },
      { line: 4, options: '', type: 'ssh-rsa', key: 'BBBB', comment: '' },
    ])
  })

  it('that only mentions ours is not ours', () => {
    const line = 'ssh-ed25519 AAAA not millwright:0123abcd:build'
    expect(findOwnKeys(line, '0123abcd')).toEqual([])
    expect(findOwnKeys('# ssh-ed25519 AAAA millwright:0123abcd:build', '0123abcd')).toEqual([])
  })
})
