import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeKeyPair, readsAsPrivateKey } from '../../../../main/adapters/ssh/key-pair'
import { aKeyPair, brokenPair } from '../../../fixtures/key-pair'

it('a fresh key pair is one that ssh-keygen reads, and never the same twice', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'key-'))
  try {
    const { privateKey, publicKey } = await makeKeyPair()
    writeFileSync(join(dir, 'key'), privateKey, { mode: 0o600 })
    const said = execFileSync('ssh-keygen', ['-y', '-f', join(dir, 'key')], { encoding: 'utf8' })
    expect(said.trim().split(' ').slice(0, 2).join(' ')).toBe(publicKey)
    expect(publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+$/)
    expect((await makeKeyPair()).publicKey).not.toBe(publicKey)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

it('a pair that the library made badly is made again', async () => {
  const whole = aKeyPair()
  const made: { readonly private: string; readonly public: string }[] = [brokenPair, brokenPair, whole]
  const pair = await makeKeyPair(async () => made.shift() ?? whole)
  expect(pair.privateKey).toBe(whole.private)
  expect(made).toEqual([])
})

it('halves that do not belong together are made again', async () => {
  const whole = aKeyPair()
  const made = [{ private: aKeyPair().private, public: whole.public }]
  expect((await makeKeyPair(async () => made.shift() ?? whole)).privateKey).toBe(whole.private)
})

it('a library that makes nothing else is given up', async () => {
  await expect(makeKeyPair(async () => brokenPair)).rejects.toThrow('no key pair that can be read')
})

it('a kept key tells whether it can be used', () => {
  expect(readsAsPrivateKey(aKeyPair().private)).toBe(true)
  for (const text of [brokenPair.private, '', 'secret', aKeyPair().public])
    expect(readsAsPrivateKey(text)).toBe(false)
})
