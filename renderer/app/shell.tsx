import { useCallback, useEffect, useState } from 'react'
import type { Snapshot } from '../../contract/snapshot'
import { BuilderPage } from '../features/builder/builder-page'
import { BuildersPage } from '../features/builders/builders-page'
import { BuildsPage } from '../features/builds/builds-page'
import { ComputerPage } from '../features/computer/computer-page'
import { SettingsPage } from '../features/settings/settings-page'
import { Sheets } from '../sheet/sheets'
import { useCommands } from '../state/api-context'
import type { Connection } from './connect'
import styles from './shell.module.css'
import { type Route, Sidebar } from './sidebar'

/** What the person looks at; not part of the snapshot, since it is theirs alone. */
type View = { readonly at: Route } | { readonly at: 'builder'; readonly id: string }

interface ShellProps {
  readonly snapshot: Snapshot
  readonly onNavigate: Connection['onNavigate']
}

/** The rail, the screen that was chosen, and the sheets above it. */
export function Shell({ snapshot, onNavigate }: ShellProps) {
  const { refuse } = useCommands()
  const [view, setView] = useState<View>({ at: 'builders' })
  const [left, setLeft] = useState<string>()
  const [adding, setAdding] = useState(false)

  useEffect(
    () =>
      onNavigate((navigation) => {
        if (navigation.to === 'builder') setView({ at: 'builder', id: navigation.id })
        else setView({ at: navigation.to === 'add' ? 'builders' : navigation.to })
        setAdding(navigation.to === 'add')
        if (navigation.to === 'builders' && navigation.failure) refuse(navigation.failure)
      }),
    [onNavigate, refuse],
  )

  const show = useCallback((id: string) => setView({ at: 'builder', id }), [])
  const shown = view.at === 'builder' ? snapshot.builders.find(({ id }) => id === view.id) : undefined
  return (
    <div className={styles.shell}>
      <Sidebar
        snapshot={snapshot}
        place={view.at === 'builder' ? 'builders' : view.at}
        onGo={(at) => setView({ at })}
      />
      {view.at === 'computer' ? (
        <ComputerPage snapshot={snapshot} />
      ) : view.at === 'builds' ? (
        <BuildsPage snapshot={snapshot} onShow={show} />
      ) : view.at === 'settings' ? (
        <SettingsPage snapshot={snapshot} />
      ) : shown ? (
        <BuilderPage
          builder={shown}
          jobs={snapshot.jobs}
          running={snapshot.builds.running}
          localFiles={snapshot.localFiles}
          onBack={() => {
            setLeft(shown.id)
            setView({ at: 'builders' })
          }}
        />
      ) : (
        <BuildersPage snapshot={snapshot} left={left} onAdd={() => setAdding(true)} onShow={show} />
      )}
      <Sheets snapshot={snapshot} adding={adding} onAdding={setAdding} onShow={show} />
    </div>
  )
}
