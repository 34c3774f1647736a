import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeKeyPair } from '../../../../main/adapters/ssh/key-pair'

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
