import pLimit from 'p-limit'
import { describe, expect, it } from 'vitest'
import { noFacts } from '../../../core/provision/no-facts'
import { makeKeyPair, readsAsPrivateKey } from '../../../main/adapters/ssh/key-pair'
import type { Job } from '../../../main/jobs/job'
import type { BuilderRecord } from '../../../main/ports/records'
import {
  collectingKey,
  forgetKeysTo,
  ownKeyNames,
  ownKeys,
  watchingKey,
} from '../../../main/usecases/steps/own-keys'
import { brokenPair } from '../../fixtures/key-pair'

const aRecord: BuilderRecord = {
  ...{ id: 'anna', login: { user: 'easy', host: 'anna', port: 22 }, address: 'easy@anna', facts: noFacts },
  ...{ derived: [], remoteFiles: [], provision: { monitor_key: 'ssh-ed25519 OLD' }, addedAt: '' },
}

/** A keychain with something in it, and the builders that were added before. */
function world(kept: Record<string, string> = {}, ids: readonly string[] = []) {
  const secrets = new Map(Object.entries(kept))
  const keychain = {
    kind: async () => 'os' as const,
    consentToFile: async () => undefined,
    filePath: '/secrets.json',
    get: async (name: string) => secrets.get(name),
    set: async (name: string, secret: string) => void secrets.set(name, secret),
    delete: async (name: string) => void secrets.delete(name),
    alone: pLimit(1),
  }
  const said: string[] = []
  const records = {
    builders: async () => ids.map((id): BuilderRecord => ({ ...aRecord, id })),
    unreadable: async () => [],
  }
  const ports = { keychain, readsAsPrivateKey, makeKeyPair: () => makeKeyPair(), records }
  const job = { leave: (sentence: string) => void said.push(sentence) } as Job
  return { ports, job, said, secrets }
}

describe('the app’s own keys', () => {
  it('are made once and kept', async () => {
    const { ports, job, said } = world()
    const first = await ownKeys(ports, job)
    expect(await watchingKey(ports, 'anna')).toBeUndefined()
    await first?.keep()
    expect((await ownKeys(ports, job))?.publicKeys).toEqual(first?.publicKeys)
    expect((await ownKeys(ports, job))?.areNew).toBe(false)
    expect(readsAsPrivateKey((await watchingKey(ports, 'anna')) ?? '')).toBe(true)
    expect(said).toEqual([])
  })

  it('are those of who was first where two make some at once, and go only with who made them', async () => {
    const { ports, job, secrets } = world()
    const [one, other] = [await ownKeys(ports, job), await ownKeys(ports, job)]
    const [first, second] = await Promise.all([one?.keep(), other?.keep()])
    expect(second).toEqual(first)
    expect(first).toEqual(one?.publicKeys)
    await other?.forget()
    expect(secrets.get('monitor-key.pub')).toBe(first?.monitor)
    await one?.forget()
    expect([...secrets]).toEqual([])
  })

  const damaged = { 'monitor-key': brokenPair.private, 'monitor-key.pub': brokenPair.public }

  it('of which one is damaged are renewed, and who knows the old one is said', async () => {
    const { ports, job, said } = world(damaged, ['otto', 'karl'])
    const keys = await ownKeys(ports, job)
    expect(keys?.publicKeys.monitor).not.toBe(brokenPair.public)
    expect(said).toEqual([])
    await keys?.keep()
    expect(readsAsPrivateKey((await watchingKey(ports, 'anna')) ?? '')).toBe(true)
    expect(readsAsPrivateKey((await collectingKey(ports, 'anna')) ?? '')).toBe(true)
    expect(said).toEqual([
      expect.stringMatching(/was lost or damaged, and otto, karl do not know .*millwright remove otto/),
    ])
  })

  it('that are lost are renewed, and who knows the old ones is said', async () => {
    const { ports, job, said } = world({}, ['otto'])
    await (await ownKeys(ports, job))?.keep()
    expect(said).toEqual([expect.stringMatching(/lost or damaged, and otto does not know the new one/)])
  })

  it('are renewed without a word where no builder knows them', async () => {
    const { ports, job, said } = world(damaged)
    await (await ownKeys(ports, job))?.keep()
    expect(said).toEqual([])
  })

  it('of one builder alone come before the common ones, and nobody is said not to know these', async () => {
    const { ports, job, said, secrets } = world({}, ['otto'])
    const own = await ports.makeKeyPair()
    secrets.set(ownKeyNames('otto').monitor, own.privateKey)
    await (await ownKeys(ports, job))?.keep()
    expect(await watchingKey(ports, 'otto')).toBe(own.privateKey)
    expect(await watchingKey(ports, 'anna')).toBe(secrets.get('monitor-key'))
    expect(said).toEqual([])
    await forgetKeysTo(ports, 'otto')
    expect(await watchingKey(ports, 'otto')).toBe(secrets.get('monitor-key'))
  })
})
