import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureCodes, failureRows } from '../../../core/failures/rows'
import { failureWords } from '../../../core/failures/words'
import { hostile, thousand } from '../../fixtures/arbitraries'
import { factsOf, factVariants, textsOf, valuesOf } from './row-facts'

const everyCode = fc.constantFrom(...failureCodes)

describe('the words of a failure', () => {
  it.each(failureCodes)('%s says what happened, why and what to do, whichever facts are given', (code) => {
    for (const facts of factVariants(code)) {
      const { title, cause, remedy, action } = failureWords({ code, facts })
      const startsWithFact = Object.values(facts).some((fact) => title.startsWith(fact))
      expect(startsWithFact || /^[A-Z]/.test(title), title).toBe(true)
      expect(title).not.toMatch(/[.!]$/)
      expect(title.length).toBeLessThanOrEqual(90)
      expect(cause).toMatch(/^\S.*\.$/s)
      expect(remedy).toMatch(/^[A-Z].*[.]$|: [^:].*$/s)
      if (action?.kind === 'copy-command') expect(action.text).toBeTruthy()
    }
  })

  it.each(failureCodes)('%s leaves no gap for a person to fill, whichever facts are given', (code) => {
    for (const facts of factVariants(code)) {
      for (const text of textsOf({ code, facts })) {
        const told = Object.values(facts).reduce((rest, fact) => rest.replaceAll(fact, 'fact'), text)
        expect(told).not.toMatch(/undefined|NaN| {2}| [.,:]|\.\.|[A-Z]+_[A-Z]+|[Ss]omething went wrong/)
        expect(told).not.toMatch(/\b(USER|HOST|FILE|PORT|NAME|PATH)\b|<[a-z]|\bnixremote\b/)
      }
    }
  })

  it('tell a login only where it is known', () => {
    const withoutHost = failureCodes.flatMap((code) =>
      factVariants(code)
        .filter(({ host }) => host === undefined)
        .flatMap((facts) => textsOf({ code, facts })),
    )
    expect(withoutHost.filter((text) => /\bssh (-p|\S+@)/.test(text))).toEqual([])
  })

  it.each(failureCodes)('%s reads every fact that its row declares', (code) => {
    const read = (name: string) =>
      factVariants(code)
        .filter((facts) => facts[name] !== undefined)
        .some((facts) =>
          [...valuesOf(name), 'else'].some(
            (value) =>
              textsOf({ code, facts: { ...facts, [name]: value } }).join() !==
              textsOf({ code, facts }).join(),
          ),
        )
    expect(Object.keys(failureRows[code].facts).filter((name) => !read(name))).toEqual([])
  })

  it('are one line each, without control or bidi characters, whatever the facts hold', () => {
    const given = everyCode.chain((code) =>
      fc.record({
        code: fc.constant(code),
        facts: fc.record(Object.fromEntries(Object.keys(factsOf(code)).map((name) => [name, hostile]))),
      }),
    )
    fc.assert(
      fc.property(given, (failure) => {
        for (const text of textsOf(failure)) expect(text).not.toMatch(/\p{C}/u)
      }),
      thousand,
    )
  })

  it('are never the same for two codes', () => {
    const titles = failureCodes.map((code) => failureWords({ code, facts: factsOf(code) }).title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('name the code of a failure that another version has recorded', () => {
    const { title, cause } = failureWords({ code: 'FROM_THE_FUTURE', facts: { host: 'otto' } })
    expect(title).toBe('Another version of Millwright failed here')
    expect(cause).toContain('FROM_THE_FUTURE')
    expect(failureWords({ code: 'toString', facts: {} }).cause).toContain('toString')
  })

  it('name the code of one whose facts are not those of its row', () => {
    expect(failureWords({ code: 'KEY_FILE_UNREADABLE', facts: { file: '/a' } }).cause).toContain(
      'KEY_FILE_UNREADABLE',
    )
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

  it('name the builder where the machine is not known', () => {
    const words = failureWords({ code: 'UNREACHABLE', facts: { builder: 'anna' } })
    expect(words.title).toBe('anna does not answer')
    expect(words.remedy).toBe('Wake it and check the address, then try again.')
  })

  it('tell how to forget a changed key, on its own port too', () => {
    const command = (port: string) =>
      failureWords({ code: 'HOST_KEY_CHANGED', facts: { host: 'otto', port } }).action?.text
    expect(command('22')).toBe('ssh-keygen -R otto')
    expect(command('2222')).toBe("ssh-keygen -R '[otto]:2222'")
  })

  it('lead to the way out where a builder’s key changed, and forget none', () => {
    const shown = { type: 'ssh-ed25519', fingerprint: 'SHA256:new', known: 'SHA256:old' }
    for (const facts of [
      { builder: 'anna' },
      { builder: 'anna', host: '10.0.0.7', port: '2222', ...shown },
    ]) {
      const { remedy, action } = failureWords({ code: 'HOST_KEY_CHANGED', facts })
      expect(remedy).toContain('millwright accept-host-key anna')
      expect(remedy).not.toContain('ssh-keygen -R')
      expect(action?.kind).toBe('show-builder')
    }
  })

  it('compare a changed key in the file of its own type, with what it was', () => {
    const facts = {
      host: 'otto',
      type: 'ecdsa-sha2-nistp256',
      fingerprint: 'SHA256:new',
      known: 'SHA256:old',
    }
    expect(failureWords({ code: 'HOST_KEY_CHANGED', facts }).remedy).toContain(
      'ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub should print SHA256:new (it was SHA256:old)',
    )
  })

  it('do not look facts up where none are', () => {
    const facts = { address: 'a b', problem: 'toString' }
    expect(failureWords({ code: 'ADDRESS_INVALID', facts }).cause).toBe(
      'It is neither a host name nor an IP address.',
    )
  })
})
