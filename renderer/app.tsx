import '@mantine/core/styles.css'
import './tokens.css'
import './base.css'
import { MantineProvider } from '@mantine/core'
import { useState } from 'react'
import type { MillwrightApi } from '../contract/commands'
import { CommandsProvider } from './api-context'
import { Shell } from './shell'
import { theme } from './theme'
import { createSnapshotStore, useSnapshot } from './use-snapshot'

/** Nothing of the look is remembered: it follows the system. */
const followSystem = {
  get: () => 'auto' as const,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
}

/** The window: a function of the snapshot. Styles come from style sheets alone, so the policy can forbid the rest. */
export function App({ api }: { api: MillwrightApi }) {
  const [store] = useState(() => createSnapshotStore(api))
  const snapshot = useSnapshot(store)
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={followSystem}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <CommandsProvider api={api}>{snapshot && <Shell api={api} snapshot={snapshot} />}</CommandsProvider>
    </MantineProvider>
  )
}
