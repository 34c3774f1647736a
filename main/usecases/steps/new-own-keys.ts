import type { RegisteredBuilder } from '../../../contract/builder'
import type { Job } from '../../jobs/job'
import type { KeyPair } from '../../ports/keychain'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import { ownKeyNames } from './own-keys'

/** Fresh keys of the app to one builder, in memory. */
export interface NewOwnKeys {
  readonly monitor: KeyPair
  readonly collect: KeyPair | undefined
}

/**
 * New keys to watch a builder with and to free space there; undefined for one that does not let such a key in, that only
 * another machine leads to (there is no watching then), or where this process has no keychain to keep them in.
 */
export async function newOwnKeys(
  { keychain, makeKeyPair }: Pick<Ports, 'keychain' | 'makeKeyPair'>,
  { jump }: Pick<RegisteredBuilder, 'jump'>,
  { provision }: Pick<BuilderRecord, 'provision'>,
): Promise<NewOwnKeys | undefined> {
  if (!provision.monitor_key || jump || (await keychain.kind()) === 'none') return undefined
  return {
    monitor: await makeKeyPair(),
    collect: provision.collect_key ? await makeKeyPair() : undefined,
  }
}

/** Logs in with each, and has each do what it is for: a sample, and a count of what could go. Nothing is freed. */
export async function tryOwnKeys(
  { monitor, collect }: Pick<Ports, 'monitor' | 'collect'>,
  builder: RegisteredBuilder,
  keys: NewOwnKeys,
  signal: AbortSignal,
): Promise<void> {
  const session = await monitor.connect(builder, keys.monitor.privateKey, signal)
  try {
    await session.probe()
  } finally {
    session.close()
  }
  if (keys.collect) await collect.count(builder, keys.collect.privateKey, signal)
}

/** Keeps them for this builder alone; those of before come back unless `isNeeded` once the job is taken back. */
export async function keepOwnKeys(
  { keychain }: Pick<Ports, 'keychain'>,
  job: Job,
  id: string,
  { monitor, collect }: NewOwnKeys,
  isNeeded: () => boolean,
): Promise<void> {
  const wanted = [
    [ownKeyNames(id).monitor, monitor.privateKey] as const,
    ...(collect ? [[ownKeyNames(id).collect, collect.privateKey] as const] : []),
  ]
  const before = await Promise.all(wanted.map(async ([name]) => [name, await keychain.get(name)] as const))
  await job.undo({
    ifLeft: `New keys to watch ${id} in your keychain. Run: millwright rotate-key ${id}`,
    run: async () => {
      if (isNeeded()) return
      for (const [name, secret] of before)
        await (secret === undefined ? keychain.delete(name) : keychain.set(name, secret))
    },
  })
  for (const [name, secret] of wanted) await keychain.set(name, secret)
}
