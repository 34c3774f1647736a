import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'

/** One key to look at builders with, one to free space there; where each half is kept. */
const names = {
  monitor: { private: 'monitor-key', public: 'monitor-key.pub' },
  collect: { private: 'collect-key', public: 'collect-key.pub' },
} as const
type OwnKey = keyof typeof names

/** Where those of one builder alone are kept, once they were renewed: no other name holds a colon. */
export function ownKeyNames(id: string): Readonly<Record<OwnKey, string>> {
  return { monitor: `${names.monitor.private}:${id}`, collect: `${names.collect.private}:${id}` }
}

type Needs = Pick<Ports, 'keychain' | 'makeKeyPair' | 'readsAsPrivateKey'> & {
  readonly records: Pick<Ports['records'], 'builders' | 'unreadable'>
}
type Keychain = Pick<Ports, 'keychain'>

interface KnownOrNew {
  readonly publicKey: string
  /** Of one that is new. */
  readonly privateKey?: string
}

/** The app's own public keys; `keep` stores those that are new, once the plan that uses them is approved. */
export interface OwnKeys {
  readonly publicKeys: Readonly<Record<OwnKey, string>>
  readonly areNew: boolean
  /** Returns the public keys that count from now on: those of who was first, where two made some at once. */
  keep(): Promise<OwnKeys['publicKeys']>
  /** Takes back what `keep` stored, unless a builder has come to need it. */
  forget(): Promise<void>
}

/**
 * The app's own keys to builders, made once and kept in the OS keychain. Without one the person is asked whether a
 * file readable by them alone will do; declined, a builder works but is not watched, and frees no space.
 */
export async function ownKeys(
  { keychain, makeKeyPair, readsAsPrivateKey, records }: Needs,
  job: Job,
): Promise<OwnKeys | undefined> {
  const needsConsent = (await keychain.kind()) === 'none'
  if (needsConsent) {
    const answer = await job.ask({ kind: 'key-file-consent', path: keychain.filePath })
    if (answer.kind !== 'yes') return undefined
  }
  const monitor = await knownOrNew('monitor')
  const collect = await knownOrNew('collect')
  return {
    publicKeys: { monitor: monitor.publicKey, collect: collect.publicKey },
    areNew: monitor.privateKey !== undefined || collect.privateKey !== undefined,
    keep: async () => {
      if (needsConsent) await keychain.consentToFile()
      const inForce = await keychain.alone(async () => ({
        monitor: await keep('monitor', monitor),
        collect: await keep('collect', collect),
      }))
      if (monitor.privateKey ?? collect.privateKey)
        await sayWhoKnowsTheOldOnes(inForce.monitor, inForce.collect)
      return inForce
    },
    forget: () =>
      keychain.alone(async () => {
        if ((await records.builders()).length + (await records.unreadable()).length > 0) return
        await forget('monitor', monitor)
        await forget('collect', collect)
      }),
  }

  async function knownOrNew(key: OwnKey): Promise<KnownOrNew> {
    const known = needsConsent ? undefined : await knownKey(key)
    return known === undefined ? await makeKeyPair() : { publicKey: known }
  }

  async function knownKey(key: OwnKey): Promise<string | undefined> {
    const known = await keychain.get(names[key].public)
    const kept = known && (await keychain.get(names[key].private))
    return kept && readsAsPrivateKey(kept) ? known : undefined
  }

  /** The new keys are let in by a set-up alone, which takes a login there. */
  async function sayWhoKnowsTheOldOnes(monitorKey: string, collectKey: string): Promise<void> {
    const known = await records.builders()
    const others = known
      .filter(
        ({ provision: { monitor_key = '', collect_key = '' } }) =>
          !['', monitorKey].includes(monitor_key) || !['', collectKey].includes(collect_key),
      )
      .map(({ id }) => id)
    const hasItsOwn = await Promise.all(others.map((id) => keychain.get(ownKeyNames(id).monitor)))
    const ids = others.filter((_, index) => hasItsOwn[index] === undefined)
    if (ids.length === 0) return
    job.leave(
      `Millwright’s own key was lost or damaged, and ${ids.join(', ')} ${ids.length === 1 ? 'does' : 'do'} not know the new one: ` +
        `not watched until taken out and added again (millwright remove ${ids[0]}, then millwright add).`,
    )
  }

  async function keep(key: OwnKey, { publicKey, privateKey }: KnownOrNew): Promise<string> {
    if (privateKey === undefined) return publicKey
    // Another builder may have been added meanwhile, and knows this one.
    const known = await knownKey(key)
    if (known !== undefined) return known
    await keychain.set(names[key].private, privateKey)
    await keychain.set(names[key].public, publicKey)
    return publicKey
  }

  async function forget(key: OwnKey, { privateKey }: { privateKey?: string }) {
    const isOurs = privateKey !== undefined && (await keychain.get(names[key].private)) === privateKey
    if (isOurs) await forgetKey(keychain, key)
  }
}

/** The private half, to watch a builder with; undefined where the person declined one, or none was added from here. */
export async function watchingKey({ keychain }: Keychain, id: string): Promise<string | undefined> {
  return (await keychain.get(ownKeyNames(id).monitor)) ?? (await keychain.get(names.monitor.private))
}

/** The same, to free space with. */
export async function collectingKey({ keychain }: Keychain, id: string): Promise<string | undefined> {
  return (await keychain.get(ownKeyNames(id).collect)) ?? (await keychain.get(names.collect.private))
}

/** Forgets the keys to one builder alone; for when it has gone, or is set up with the common ones. */
export async function forgetKeysTo({ keychain }: Keychain, id: string): Promise<void> {
  if ((await keychain.kind()) === 'none') return
  for (const name of Object.values(ownKeyNames(id))) await keychain.delete(name)
}

/** Forgets the common keys; for when the last builder has gone. */
export async function forgetOwnKeys({ keychain }: Keychain): Promise<void> {
  if ((await keychain.kind()) === 'none') return
  await forgetKey(keychain, 'monitor')
  await forgetKey(keychain, 'collect')
}

async function forgetKey(keychain: Keychain['keychain'], key: OwnKey): Promise<void> {
  await keychain.delete(names[key].private)
  await keychain.delete(names[key].public)
}
