import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findKeyFileProblem } from '../../../../main/adapters/ssh/authentication/key-file-problem'
import { must } from '../../../world/fleet/process'

describe('a file that was asked for as a key', () => {
  let folder: string
  const at = (name: string) => join(folder, name)
  const makeKey = (name: string, ...more: string[]) =>
    must(['ssh-keygen', '-q', '-N', '', '-f', at(name), ...more])

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'))
    await makeKey('usual', '-t', 'ed25519')
    await makeKey('pkcs8', '-t', 'ecdsa', '-m', 'PKCS8')
    await must([
      'ssh-keygen',
      '-q',
      '-N',
      'secret',
      '-t',
      'rsa',
      '-b',
      '2048',
      '-m',
      'PKCS8',
      '-f',
      at('locked'),
    ])
    mkdirSync(at('folder'))
    writeFileSync(at('empty'), '\n\n')
    writeFileSync(at('putty'), 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n')
    writeFileSync(at('sk.pub'), 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t me\n')
    const inner = Buffer.from('openssh-key-v1\0none\0sk-ssh-ed25519@openssh.com').toString('base64')
    writeFileSync(
      at('sk'),
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${inner}\n-----END OPENSSH PRIVATE KEY-----\n`,
    )
    writeFileSync(at('cut'), '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n')
    writeFileSync(at('certificate.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
    chmodSync(at('empty'), 0o600)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['gone', 'missing'],
    ['empty/gone', 'missing'],
    ['folder', 'not-plain'],
    ['empty', 'empty'],
    ['usual.pub', 'public'],
    ['pkcs8', 'pkcs8'],
    ['locked', 'pkcs8'],
    ['putty', 'putty'],
    ['sk', 'security-key'],
    ['sk.pub', 'security-key'],
    ['cut', 'no-key'],
    ['certificate.pem', 'no-key'],
  ])('is told as what it is: %s is %s', async (name, what) => {
    expect(await findKeyFileProblem(at(name))).toBe(what)
  })
})
