import { useEffect, useState } from 'react'
import type { Snapshot } from '../contract/snapshot'
import { useCommands } from './api-context'
import { BuilderPage } from './builder/builder-page'
import { BuildersPage } from './builders/builders-page'
import { ComputerPage } from './computer/computer-page'
import type { Connection } from './connect'
import { Rail } from './rail'
import { Sheets } from './sheet/sheets'
import styles from './shell.module.css'

/** What the person looks at; not part of the snapshot, since it is theirs alone. */
type View = { readonly at: 'builders' | 'computer' } | { readonly at: 'builder'; readonly id: string }

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
        else setView({ at: 'builders' })
        setAdding(navigation.to === 'add')
        if (navigation.to === 'builders' && navigation.failure) refuse(navigation.failure)
      }),
    [onNavigate, refuse],
  )

  const show = (id: string) => setView({ at: 'builder', id })
  const shown = view.at === 'builder' ? snapshot.builders.find(({ id }) => id === view.id) : undefined
  return (
    <div className={styles.shell}>
      <Rail
        snapshot={snapshot}
        place={view.at === 'computer' ? 'computer' : 'builders'}
        onGo={(at) => setView({ at })}
      />
      {view.at === 'computer' ? (
        <ComputerPage snapshot={snapshot} />
      ) : shown ? (
        <BuilderPage
          builder={shown}
          jobs={snapshot.jobs}
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
