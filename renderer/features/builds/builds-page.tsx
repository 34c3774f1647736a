import { useMemo } from 'react'
import type { BuildsView } from '../../../contract/builds'
import type { Snapshot } from '../../../contract/snapshot'
import { plural } from '../../../core/text/format'
import { Page } from '../../components/layout/page'
import { VirtualList } from '../../components/layout/virtual-list'
import { ModeSwitches } from '../modes/mode-switches'
import { Notices } from '../notices/notices'
import { feedWords } from './build-words'
import styles from './builds.module.css'
import { FinishedRow } from './finished-row'
import { RunningRow } from './running-row'

interface BuildsPageProps {
  readonly snapshot: Snapshot
  readonly onShow: (id: string) => void
}

/** What Nix builds on behalf of this computer, wherever that is, and what it has built of late. */
export function BuildsPage({ snapshot, onShow }: BuildsPageProps) {
  const { running, finished, feed } = snapshot.builds
  const builders = snapshot.builders
  const known = useMemo(() => new Set(builders.map(({ id }) => id)), [builders])
  const isKnown = (builder: string | undefined) => builder !== undefined && known.has(builder)
  return (
    <Page title="Builds" status={statusWords(snapshot.builds)} actions={<ModeSwitches snapshot={snapshot} />}>
      <Notices snapshot={snapshot} />
      {running.length === 0 ? (
        <div className={styles.empty}>
          <h2 className={styles.emptyTitle}>
            {feed === 'none' ? 'What builds here is not known.' : 'Nothing builds.'}
          </h2>
          <p className={styles.feed}>
            {feed === 'none'
              ? feedWords(feed)
              : 'Start a build in any terminal, with nix build or nixos-rebuild, and it appears here while it runs.'}
          </p>
        </div>
      ) : (
        <section aria-label="Running">
          <Head last="Time" />
          <VirtualList
            label="Running builds"
            count={running.length}
            keyOf={(index) => running[index]?.id ?? ''}
            rowHeight={57}
            rowsTakeFocus
            row={(index) => {
              const build = running[index]
              return build && <RunningRow build={build} isOurs={isKnown(build.builder)} onShow={onShow} />
            }}
          />
        </section>
      )}
      {(running.length > 0 || feed !== 'none') && <p className={styles.source}>{feedWords(feed)}</p>}
      {finished.length > 0 && (
        <section className={styles.finished} aria-labelledby="finished-builds">
          <h2 id="finished-builds" className={styles.title}>
            Finished
          </h2>
          <Head last="Took" />
          <VirtualList
            label="Finished builds"
            count={finished.length}
            keyOf={(index) => finished[index]?.id ?? ''}
            rowHeight={53}
            rowsTakeFocus
            row={(index) => {
              const build = finished[index]
              return build && <FinishedRow build={build} isOurs={isKnown(build.builder)} onShow={onShow} />
            }}
          />
        </section>
      )}
    </Page>
  )
}

function statusWords({ running, feed }: BuildsView): string {
  if (running.length > 0) return `${plural(running.length, 'build')} running`
  return feed === 'none' ? 'Not known' : 'Nothing builds'
}

function Head({ last }: { last: string }) {
  return (
    <div className={styles.head} aria-hidden>
      <span>Build</span>
      <span>On</span>
      <span>For</span>
      <span className={styles.time}>{last}</span>
    </div>
  )
}
