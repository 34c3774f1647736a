import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { BuilderView } from '../../../contract/snapshot'
import { pauses } from '../../../core/status/builder-words'
import { useCommands } from '../../state/api-context'

interface PauseButtonProps {
  readonly builder: BuilderView
  readonly busy: boolean
}

/** Pause for a while or for good; Resume once it is paused. */
export function PauseButton({
  builder: { id, enabled, quarantined, suspendedSince },
  busy,
}: PauseButtonProps) {
  const { act } = useCommands()
  // Only an administrator's word lets builds there again.
  if (quarantined) return null
  if (!enabled && suspendedSince === undefined) {
    return (
      <Button disabled={busy} onClick={() => void act('resume-builder', { id })}>
        Resume
      </Button>
    )
  }
  return (
    <Menu>
      <Menu.Target>
        <Button disabled={busy} rightSection={<IconChevronDown size={14} aria-hidden />}>
          Pause
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {pauses.map(({ label, ...duration }) => (
          <Menu.Item key={label} onClick={() => void act('pause-builder', { id, ...duration })}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
