import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecretFile } from '../../../../main/adapters/data/secret-file'
import { toFailure } from '../../../../main/failures'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secrets-'))
  path = join(dir, 'data', 'secrets.json')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('the file for secrets', () => {
  it('exists only once it was allowed, and then for its owner alone', async () => {
    const file = createSecretFile(path)
    expect(await file.exists()).toBe(false)
    await file.create()
    await file.update(() => ({ key: 'secret' }))
    await file.create()
    expect(await createSecretFile(path).read()).toEqual({ key: 'secret' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(dir, 'data'))).toEqual(['secrets.json'])
  })

  it('takes two secrets at once, and keeps both', async () => {
    const file = createSecretFile(path)
    await file.create()
    await Promise.all([
      file.update((known) => ({ ...known, one: '1' })),
      createSecretFile(path).update((known) => ({ ...known, two: '2' })),
    ])
    expect(await file.read()).toEqual({ one: '1', two: '2' })
  })

  it('is refused when others may read it', async () => {
    const file = createSecretFile(path)
    await file.create()
    chmodSync(path, 0o640)
    expect(await file.read().catch(toFailure)).toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
      detail: expect.stringContaining(path),
    })
  })

  it('is refused when it is a link, even to a good one', async () => {
    const file = createSecretFile(path)
    await file.create()
    const link = join(dir, 'link')
    symlinkSync(path, link)
    expect(await createSecretFile(link).read().catch(toFailure)).toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
    })
  })

  it('is set aside when it is damaged, and is an empty one then', async () => {
    const file = createSecretFile(path)
    await file.create()
    writeFileSync(path, '{"key": "s3cret"')
    expect(await file.read()).toEqual({})
    await file.update((known) => ({ ...known, key: 'new' }))
    expect(await createSecretFile(path).read()).toEqual({ key: 'new' })
    expect(readdirSync(join(dir, 'data'))).toEqual(['secrets.json', 'secrets.json.broken'])
    expect(statSync(`${path}.broken`).mode & 0o777).toBe(0o600)
  })
})
