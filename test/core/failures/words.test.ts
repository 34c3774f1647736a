import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureCodes } from '../../../contract/failure'
import { failureWords } from '../../../core/failures/words'
import { hostile, thousand } from '../../fixtures/arbitraries'

const factNames = [
  'builder',
  'id',
  'host',
  'user',
  'port',
  'path',
  'version',
  'step',
  'system',
  'systems',
  'wanted',
  'problem',
  'address',
  'fingerprint',
  'jump',
  'option',
  'noise',
  'declarative',
  'line',
  'field',
  'reason',
  'command',
  'seconds',
  'builtOn',
  'generation',
  'question',
]
const everyCode = fc.constantFrom(...failureCodes)

describe('the words of a failure', () => {
  it.each(failureCodes)('%s says what happened, why and what to do, with no fact given', (code) => {
    const { title, cause, remedy, action } = failureWords({ code, facts: {} })
    expect(title).toMatch(/^[A-Z]/)
    expect(title).not.toMatch(/[.!]$/)
    expect(title.length).toBeLessThanOrEqual(80)
    expect(cause).toMatch(/^[A-Z].*\.$/s)
    expect(remedy).toMatch(/^[A-Z].*[.]$|: [^:].*$/s)
    expect(`${title} ${cause} ${remedy}`).not.toMatch(
      /undefined|NaN| {2}|[A-Z]+_[A-Z]+|[Ss]omething went wrong/,
    )
    if (action?.kind === 'copy-command') expect(action.text).toBeTruthy()
  })

  it('are one line each, without control or bidi characters, whatever the facts hold', () => {
    const facts = fc.dictionary(fc.constantFrom(...factNames), hostile)
    fc.assert(
      fc.property(everyCode, facts, (code, given) => {
        const { title, cause, remedy, action } = failureWords({ code, facts: given })
        for (const text of [title, cause, remedy, action?.text ?? '']) expect(text).not.toMatch(/\p{C}/u)
      }),
      thousand,
    )
  })

  it('are never the same for two codes', () => {
    const titles = failureCodes.map((code) => failureWords({ code, facts: {} }).title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('hold commands that cannot run anything else', () => {
    const facts = { host: 'otto; reboot', user: '$(id)', port: '22 -oProxyCommand=x', path: "/a'; rm -rf /" }
    expect(failureWords({ code: 'LOGIN_REFUSED', facts }).action?.text).toBe(
      "ssh -p '22 -oProxyCommand=x' '$(id)@otto; reboot'",
    )
    expect(failureWords({ code: 'KEY_FILE_UNREADABLE', facts }).remedy).toContain(
      "ssh-keygen -lf '/a'\\''; rm -rf /'",
    )
  })

  it('name the machine, the login and the port', () => {
    const words = failureWords({
      code: 'UNREACHABLE',
      facts: { host: 'otto.lan', user: 'admin', port: '2222' },
    })
    expect(words).toMatchObject({ title: 'otto.lan does not answer', action: { kind: 'retry' } })
    expect(words.remedy).toContain('ssh -p 2222 admin@otto.lan')
  })

  it('tell how to forget a changed key, on its own port too', () => {
    const command = (port: string) =>
      failureWords({ code: 'HOST_KEY_CHANGED', facts: { host: 'otto', port } }).action?.text
    expect(command('22')).toBe('ssh-keygen -R otto')
    expect(command('2222')).toBe("ssh-keygen -R '[otto]:2222'")
  })

  it('do not look facts up where none are', () => {
    expect(failureWords({ code: 'ADDRESS_INVALID', facts: { problem: 'toString' } }).cause).toBe(
      'It is neither a host name nor an IP address.',
    )
  })
})
