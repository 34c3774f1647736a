import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHostKeyStore } from '../../../../main/adapters/ssh/authentication/host-keys'
import { toFailure } from '../../../../main/failures'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'host-keys-'))
  file = join(dir, 'data', 'known_hosts')
})
afterEach(() => rmSync(dir, { recursive: true }))

const offered = (key: string) => ({ type: 'ssh-ed25519', key, fingerprint: '' })

describe('the host keys that were accepted', () => {
  it('are all kept, of two logins at once too', async () => {
    const names = ['anna', 'otto', 'emil', 'ida']
    await Promise.all(names.map((name) => createHostKeyStore([], file).remember(name, 22, offered('AAAA'))))
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').sort()).toEqual(
      [...names].sort().map((name) => `${name} ssh-ed25519 AAAA`),
    )
  })

  it('keep what else stands there, a line that was cut included', async () => {
    mkdirSync(join(dir, 'data'))
    writeFileSync(file, '# mine\nanna ssh-ed25')
    await createHostKeyStore([], file).remember('otto', 2222, offered('AAAA'))
    expect(readFileSync(file, 'utf8')).toBe('# mine\nanna ssh-ed25\n[otto]:2222 ssh-ed25519 AAAA\n')
  })

  it('are not written over where they cannot be read', async () => {
    mkdirSync(file, { recursive: true })
    const failure = await createHostKeyStore([], file).remember('otto', 22, offered('AAAA')).catch(toFailure)
    expect(failure).toMatchObject({ code: 'DATA_UNWRITABLE' })
  })
})
