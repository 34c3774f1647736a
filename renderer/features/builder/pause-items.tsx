import { Menu } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import type { BuilderView } from '../../../contract/snapshot'
import { pauses } from '../../../core/status/builder-words'
import { useCommands } from '../../state/api-context'

interface PauseItemsProps {
  readonly builder: BuilderView
  readonly busy: boolean
}

/** The ways to pause, or Resume; both for a builder that Millwright itself took out of the way. */
export function PauseItems({ builder: { id, enabled, quarantined, suspendedSince }, busy }: PauseItemsProps) {
  const { act } = useCommands()
  return (
    <>
      {!enabled && !quarantined && (
        <Menu.Item
          disabled={busy}
          leftSection={<IconPlayerPlay size={15} aria-hidden />}
          onClick={() => void act('resume-builder', { id })}
        >
          Resume
        </Menu.Item>
      )}
      {(enabled || suspendedSince !== undefined) &&
        pauses.map(({ label, ...duration }) => (
          <Menu.Item
            key={label}
            disabled={busy}
            leftSection={<IconPlayerPause size={15} aria-hidden />}
            onClick={() => void act('pause-builder', { id, ...duration })}
          >
            Pause {label.charAt(0).toLowerCase() + label.slice(1)}
          </Menu.Item>
        ))}
    </>
  )
}
