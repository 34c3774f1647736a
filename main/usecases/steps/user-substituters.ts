import { isServing, substituterUri } from '../../../core/nix/substituter'
import type { CallOptions } from '../../ports/helper'
import type { Ports } from '../../ports/ports'

type Needs = Pick<Ports, 'helper' | 'records' | 'userConf'>

/**
 * Brings the person's own list of substituters in line with what they wish and what can serve now: a builder
 * that is off, in quarantine or gone is left out, and comes back by itself. `leaving` is left out in any case.
 */
export async function syncUserSubstituters(
  { helper, records, userConf }: Needs,
  leaving?: string,
): Promise<void> {
  const [wishes, mine] = await Promise.all([records.substituters(), userConf.read()])
  if (wishes.length === 0 && mine.substituters.length === 0) return
  const { builders } = await helper.status()
  const wanted = (wishes: readonly string[]) =>
    builders
      .filter((builder) => wishes.includes(builder.id) && isServing(builder) && builder.id !== leaving)
      .map(({ id }) => substituterUri(id))
  if (wanted(wishes).join(' ') === mine.substituters.join(' ')) return
  // Of two at once the later one has the last word, and reads what is wished by then.
  await userConf.update(async (now) => ({ ...now, substituters: wanted(await records.substituters()) }))
}

/**
 * Switches a builder, which loses or gets back its role as substituter with that. Where the person's own list
 * cannot follow, Nix only warns: root's files, which decide, have changed.
 */
export async function setBuilderEnabled(
  ports: Needs,
  id: string,
  enabled: boolean,
  options?: CallOptions,
): Promise<void> {
  // Nix only warns of one that is left; it is brought in line again with the next change.
  const sync = (leaving?: string) => syncUserSubstituters(ports, leaving).catch(() => undefined)
  // First, because the daemon reads root's own list when it restarts.
  if (!enabled) await sync(id)
  try {
    await ports.helper.call({ op: 'set-enabled', id, enabled }, options)
  } finally {
    await sync()
  }
}

/**
 * Notes what the person wishes of one builder, and brings it into force: without root, and at once. Where the
 * person's configuration cannot be written, the wish is as before too.
 */
export async function setUserSubstituter(ports: Needs, id: string, on: boolean): Promise<void> {
  let isNew = false
  const wish = (wanted: boolean) =>
    ports.records.updateSubstituters((wishes) => {
      isNew = wishes.includes(id) !== wanted
      if (!isNew) return wishes
      return wanted ? [...wishes, id] : wishes.filter((one) => one !== id)
    })
  await wish(on)
  const mustGoBack = isNew
  try {
    await syncUserSubstituters(ports)
  } catch (error) {
    if (mustGoBack) await wish(!on)
    throw error
  }
}
