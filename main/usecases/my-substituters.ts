import { isServing, substituterUri } from '../../core/substituter'
import type { Ports } from '../ports/ports'

type Needs = Pick<Ports, 'helper' | 'records' | 'userConf'>

/**
 * Brings the person's own list of substituters in line with what they wish and what can serve now: a builder
 * that is off, in quarantine or gone is left out, and comes back by itself.
 */
export async function syncMySubstituters({ helper, records, userConf }: Needs): Promise<void> {
  const [wishes, mine] = await Promise.all([records.substituters(), userConf.read()])
  if (wishes.length === 0 && mine.substituters.length === 0) return
  const { builders } = await helper.status()
  const substituters = builders
    .filter((builder) => wishes.includes(builder.id) && isServing(builder))
    .map(({ id }) => substituterUri(id))
  if (substituters.join(' ') !== mine.substituters.join(' ')) {
    await userConf.write({ ...mine, substituters })
  }
}

/**
 * Notes what the person wishes of one builder, and brings it into force: without root, and at once. Where the
 * person's configuration cannot be written, the wish is as before too.
 */
export async function wishSubstituter(ports: Needs, id: string, on: boolean): Promise<void> {
  const { records } = ports
  const wishes = await records.substituters()
  const isNew = wishes.includes(id) !== on
  if (isNew) await records.putSubstituters(on ? [...wishes, id] : wishes.filter((one) => one !== id))
  try {
    await syncMySubstituters(ports)
  } catch (error) {
    if (isNew) await records.putSubstituters(wishes)
    throw error
  }
}
