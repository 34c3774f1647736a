import type { RunningBuild } from '../../../contract/builds'
import type { Sample } from '../../../contract/health'
import { plural } from '../../../core/text/format'
import { Card } from '../../components/layout/card'
import { BuildDoing, Elapsed } from '../builds/build-doing'
import { nameOf } from '../builds/build-words'
import styles from './building-card.module.css'

interface BuildingCardProps {
  readonly builds: readonly RunningBuild[]
  /** Builds of this computer there, as its slots tell, also where nothing else is known of them. */
  readonly slots: number
  readonly sample: Sample | undefined
  /** Whether watching gets no answer now. */
  readonly isLost: boolean
}

/** More are on the Builds screen. */
const mostShown = 12

/** What this computer's Nix builds over there now, and what others do. */
export function BuildingCard({ builds, slots, sample, isLost }: BuildingCardProps) {
  const more = builds.length - mostShown
  const others = isLost || slots > builds.length ? undefined : othersWords(builds, sample)
  return (
    <Card title="Building now">
      {builds.length === 0 && <p className={styles.dim}>{nothingWords(slots)}</p>}
      <ul>
        {builds.slice(0, mostShown).map((build) => (
          <li key={build.id} className={styles.build}>
            <span className={styles.name} title={build.drvPath ?? nameOf(build)}>
              {nameOf(build)}
            </span>
            <span className={styles.who}>{build.user}</span>
            <span className={styles.doing}>
              <Elapsed since={build.startedAt} /> · <BuildDoing build={build} />
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={styles.more}>and {more} more, under Builds.</p>}
      {others && <p className={styles.more}>{others}</p>}
    </Card>
  )
}

function nothingWords(slots: number): string {
  if (slots === 0) return 'Nothing of this computer builds there now.'
  return `${plural(slots, 'build')} of this computer; what ${slots === 1 ? 'it is' : 'they are'} is not known.`
}

/** `2 more run there, of others: linux-6.18, …`; of what the builder lets the watching user see. */
function othersWords(ours: readonly RunningBuild[], sample: Sample | undefined): string | undefined {
  const count = (sample?.builds ?? 0) - ours.filter(({ activity }) => activity === 'building').length
  if (count <= 0) return undefined
  const known = new Set(ours.map(({ name }) => name))
  const names = (sample?.buildNames ?? []).filter((name) => !known.has(name)).slice(0, 3)
  const whose = `${plural(count, 'build')} of others ${count === 1 ? 'runs' : 'run'} there`
  return names.length === 0
    ? `${whose}.`
    : `${whose}: ${names.join(', ')}${count > names.length ? ', …' : ''}`
}
