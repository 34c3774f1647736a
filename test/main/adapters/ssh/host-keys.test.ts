import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHostKeyStore } from '../../../../main/adapters/ssh/authentication/host-keys'
import type { KnownHostsRules } from '../../../../main/adapters/ssh/config/resolve-login'
import { toFailure } from '../../../../main/failures'
import { aKeyPair } from '../../../fixtures/key-pair'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'host-keys-'))
  file = join(dir, 'data', 'known_hosts')
})
afterEach(() => rmSync(dir, { recursive: true }))

const rules: KnownHostsRules = {
  files: [],
  isStrict: false,
  checksAddress: false,
  hashesNames: false,
  hasCommand: false,
  leastRsaBits: 0,
}
const place = (host: string, port = 22, more: Partial<KnownHostsRules> = {}) => ({
  host,
  port,
  rules: { ...rules, ...more },
})
const wholeKey = aKeyPair().public.split(' ')[1] ?? ''
const offered = (key: string) => ({ type: 'ssh-ed25519', key, fingerprint: '' })

describe('the host keys that were accepted', () => {
  it('are all kept, of two logins at once too', async () => {
    const names = ['anna', 'otto', 'emil', 'ida']
    await Promise.all(names.map((name) => createHostKeyStore(file).remember(place(name), offered('AAAA'))))
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').sort()).toEqual(
      [...names].sort().map((name) => `${name} ssh-ed25519 AAAA`),
    )
  })

  it('keep what else stands there, a line that was cut included', async () => {
    mkdirSync(join(dir, 'data'))
    writeFileSync(file, '# mine\nanna ssh-ed25')
    await createHostKeyStore(file).remember(place('otto', 2222), offered('AAAA'))
    expect(readFileSync(file, 'utf8')).toBe('# mine\nanna ssh-ed25\n[otto]:2222 ssh-ed25519 AAAA\n')
  })

  it('are kept without a name in the clear where names are hashed, once for each kind of key', async () => {
    const store = createHostKeyStore(file)
    const hashed = place('otto', 22, { hashesNames: true })
    await store.remember(place('otto'), offered('AAAA'))
    await store.remember(hashed, offered('BBBB'))
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|\S+ ssh-ed25519 BBBB\n$/)
    expect((await store.read(place('otto'))).verify(offered('BBBB')).is).toBe('known')
    await store.remember(hashed, offered(wholeKey))
    expect((await store.read(place('otto'))).verify(offered('BBBB')).is).toBe('changed')
  })

  it('stand under the alias that the host is given, whatever its port', async () => {
    const store = createHostKeyStore(file)
    const aliased = place('10.0.0.7', 2222, { alias: 'Otto' })
    await store.remember(aliased, offered('AAAA'))
    expect(readFileSync(file, 'utf8')).toBe('otto ssh-ed25519 AAAA\n')
    expect((await store.read(aliased)).verify(offered('AAAA')).is).toBe('known')
  })

  it('count without their port too, unless they speak against the host', async () => {
    const store = createHostKeyStore(file)
    await store.remember(place('otto'), offered('AAAA'))
    expect((await store.read(place('otto', 2222))).verify(offered('AAAA')).is).toBe('known')
    expect((await store.read(place('otto', 2222))).verify(offered('BBBB')).is).toBe('unknown')
  })

  it('are not written over where they cannot be read', async () => {
    mkdirSync(file, { recursive: true })
    const failure = await createHostKeyStore(file).remember(place('otto'), offered('AAAA')).catch(toFailure)
    expect(failure).toMatchObject({ code: 'DATA_UNWRITABLE' })
  })
})
