import { measureBurst } from './burst'
import { measureDeadBuilder, measureDeadMany } from './dead'
import { measureFleet } from './fleet'
import { measureIdle } from './idle'
import { measureList } from './list'
import { measureNotice } from './notice'
import { measureProbe } from './probe'
import { measureStart } from './start'
import { measureSubstitute } from './substitute'
import { runAdd } from './support/run'
import { type Measured, report } from './support/section'
import { measureSwitch } from './switch'

const reported = (name: string, measure: (rounds: number) => Promise<Measured>) => async (rounds: number) =>
  report(name, await measure(rounds))

/** Each measures so many rounds, prints its figures, saves them, and returns whether its targets are met. */
export const benches: Readonly<Record<string, (rounds: number) => Promise<boolean>>> = {
  add: runAdd,
  'dead-builder': reported('dead-builder', measureDeadBuilder),
  'dead-many': reported('dead-many', measureDeadMany),
  burst: reported('burst', measureBurst),
  switch: reported('switch', measureSwitch),
  notice: reported('notice', measureNotice),
  probe: reported('probe', measureProbe),
  fleet: reported('fleet', measureFleet),
  substitute: reported('substitute', measureSubstitute),
  start: reported('start', measureStart),
  idle: reported('idle', measureIdle),
  list: reported('list', measureList),
}
