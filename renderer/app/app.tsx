import '@mantine/core/styles.css'
import './tokens.css'
import './base.css'
import { MantineProvider } from '@mantine/core'
import { CommandsProvider } from '../state/api-context'
import { useSnapshot } from '../state/use-snapshot'
import type { Connection } from './connect'
import { Shell } from './shell'
import { theme } from './theme'

/** Nothing of the look is remembered: it follows the system. */
const followSystem = {
  get: () => 'auto' as const,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
}

/** The window: a function of the snapshot. Styles come from style sheets alone, so the policy can forbid the rest. */
export function App({ connection }: { connection: Connection }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={followSystem}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <CommandsProvider api={connection.api}>
        <Drawn connection={connection} />
      </CommandsProvider>
    </MantineProvider>
  )
}

/** What changes with the snapshot, below the providers: a provider drawn anew draws all that uses it anew. */
function Drawn({ connection }: { connection: Connection }) {
  const snapshot = useSnapshot(connection.snapshots)
  return snapshot && <Shell snapshot={snapshot} onNavigate={connection.onNavigate} />
}
