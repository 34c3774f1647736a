import { Button, TextInput } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import type { Snapshot } from '../../../contract/snapshot'
import { countBuilds, summarise } from '../../../core/status/summary'
import { Page } from '../../components/layout/page'
import { ModeSwitches } from '../modes/mode-switches'
import { Notices } from '../notices/notices'
import { BuilderList } from './builder-list'
import styles from './builders-page.module.css'
import { findBuilders } from './find-builders'
import { NoBuilders } from './no-builders'
import { UnmanagedCard } from './unmanaged-card'

/** From this many builders on, a field to find one is less noise than the list itself. */
const manyBuilders = 12

interface BuildersPageProps {
  readonly snapshot: Snapshot
  /** The builder whose page was left for this one; its row takes the focus. */
  readonly left: string | undefined
  readonly onAdd: () => void
  readonly onShow: (id: string) => void
}

/** All builders, and what a person should know before looking at them. */
export function BuildersPage({ snapshot, left, onAdd, onShow }: BuildersPageProps) {
  const { builders, builds, jobs } = snapshot
  const [wanted, setWanted] = useState('')
  const found = findBuilders(builders, wanted)
  return (
    <Page
      title="Builders"
      status={summarise(builders, countBuilds(builders, jobs))}
      actions={
        <>
          <ModeSwitches snapshot={snapshot} />
          <Button variant="filled" leftSection={<IconPlus size={14} aria-hidden />} onClick={onAdd}>
            Add builder
          </Button>
        </>
      }
    >
      <Notices snapshot={snapshot} disks />
      {builders.length >= manyBuilders && (
        <TextInput
          className={styles.find ?? ''}
          placeholder="Find"
          aria-label="Find builders by name, host, system, feature or state"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      {builders.length === 0 ? (
        <NoBuilders onAdd={onAdd} />
      ) : found.length === 0 ? (
        <p className={styles.none}>No builder matches “{wanted.trim()}”.</p>
      ) : (
        <BuilderList builders={found} builds={builds} jobs={jobs} left={left} onShow={onShow} />
      )}
      {wanted.trim() === '' && <UnmanagedCard unmanaged={snapshot.unmanaged} />}
    </Page>
  )
}
