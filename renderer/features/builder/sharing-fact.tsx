import { Button } from '@mantine/core'
import type { BuilderView } from '../../../contract/snapshot'
import { Fact } from '../../components/layout/card'
import { useCommands } from '../../state/api-context'

/** How many builds can go through one connection: sshd's MaxSessions where nobody changed it. */
const sessions = 10

/** Whether builds share a connection, and the switch for it. */
export function SharingFact({ builder }: { builder: BuilderView }) {
  const { act } = useCommands()
  const { id, sharing } = builder
  const isOn = sharing === 'on'
  return (
    <Fact name="Connection" how={howShared(builder)}>
      {isOn ? 'one shared connection' : 'a login for each build'}{' '}
      <Button
        size="compact-xs"
        color="dim"
        aria-label={isOn ? `Let each build on ${id} log in` : `Share one connection to ${id}`}
        onClick={() => act('share-connection', { id, on: !isOn })}
      >
        {isOn ? 'Log in for each' : 'Share one'}
      </Button>
    </Fact>
  )
}

function howShared({ sharing, maxJobs }: BuilderView): string | undefined {
  if (sharing === 'failed') return 'Builds no longer got through the shared one, so it was turned off.'
  if (sharing === 'on' && maxJobs > sessions)
    return `Of more than ${sessions} builds at once, the rest usually log in for themselves.`
  return sharing === 'on' ? 'Kept only because two builds at once got through it.' : undefined
}
