import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canSign, parseOffer, parseSigning, substituterScript } from '../../../core/provision/substituter'
import { anyText } from '../../fixtures/arbitraries'
import { nix, someFacts } from '../../fixtures/facts'
import { planned, texts } from '../../fixtures/provisioning'

const { parameters } = planned(someFacts())
const nonce = 'a1b2c3d4e5f6'
const how = { act: 'offer', restart: 'when-idle', ownsUntagged: false } as const
const key = `millwright-otto-0123abcd-1:${'A'.repeat(43)}=`
const said = (...words: string[]) => ({
  code: 0,
  stderr: '',
  stdout: words.map((word) => `mw-${nonce} ${word}\n`).join(''),
})

describe('the script that makes a builder sign', () => {
  it('carries its parameters', () => {
    const script = substituterScript(texts, parameters, how, nonce)
    const { stdout } = spawnSync('sh', ['-s'], { input: `${script}echo "$install $mode"`, encoding: 'utf8' })
    expect(stdout).toBe('offer when-idle\n0123abcd dedicated\n')
  })

  it('takes no parameter that breaks its grammar', () => {
    for (const name of ['install', 'user', 'nix_bin', 'conf_file', 'mode']) {
      expect(() => substituterScript(texts, { ...parameters, [name]: "'; id; '" }, how, nonce)).toThrow()
    }
  })

  it('is for a builder that root set up, and for a store of one person’s', () => {
    const own = { ...parameters, mode: 'own', run_as: 'login' }
    expect(canSign(parameters, nix)).toBe(true)
    expect(canSign(own, nix)).toBe(false)
    expect(canSign(own, { kind: 'single-user' })).toBe(true)
    expect(canSign({}, { kind: 'single-user' })).toBe(false)
  })

  it('is handed by root to the owner of such a store', () => {
    const script = substituterScript(texts, { ...parameters, mode: 'own', run_as: 'owner' }, how, nonce)
    expect(script).toMatch(/^su 'nixremote' -c 'exec \/bin\/sh -s'/m)
  })
})

describe('what it says', () => {
  it('is the public key, once it ended well', () => {
    expect(parseOffer(said(`public-key ${key}`, 'done'), nonce)).toEqual({ ok: true, value: key })
    expect(parseOffer(said(`public-key ${key}`), nonce)).toMatchObject({ ok: false })
    expect(parseOffer(said('public-key a b:c', 'done'), nonce)).toMatchObject({ ok: false })
    expect(parseOffer(said('done'), nonce)).toMatchObject({ ok: false })
  })

  it('is that builds run, when they do', () => {
    const { ok, ...rest } = parseOffer(said('error builds-running the daemon'), nonce)
    expect({ ok, ...rest }).toMatchObject({ ok: false, failure: { code: 'BUILDS_RUNNING' } })
  })

  it('is how far it has come', () => {
    expect(parseSigning(`mw-${nonce} progress 20 400`, nonce)).toEqual({ done: 20, total: 400 })
    expect(parseSigning(`mw-${nonce} progress 20`, nonce)).toBeUndefined()
    expect(parseSigning('mw-000000000000 progress 20 400', nonce)).toBeUndefined()
  })

  it('is nothing, whatever else a stranger prints', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseSigning(text, nonce)).toBeUndefined()
        expect(parseOffer({ code: 0, stdout: text, stderr: text }, nonce).ok).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})
