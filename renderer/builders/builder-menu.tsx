import { ActionIcon, Menu } from '@mantine/core'
import {
  IconDots,
  IconEye,
  IconPlayerPause,
  IconPlayerPlay,
  IconTestPipe,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { JobView } from '../../contract/job'
import type { BuilderView } from '../../contract/snapshot'
import { useCommands } from '../api-context'
import { RemoveDialog } from '../builder/remove-dialog'
import { isActive } from '../show-state'

interface BuilderMenuProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
  /** Absent on the builder's own page. */
  readonly onShow?: ((id: string) => void) | undefined
}

/** What can be done with a builder. Made only when it is opened: a list may hold hundreds. */
export function BuilderMenu({ builder, job, onShow }: BuilderMenuProps) {
  const [wasOpened, setWasOpened] = useState(false)
  const [removing, setRemoving] = useState(false)
  const button = (
    <ActionIcon
      color="dim"
      aria-label={`What to do with ${builder.id}`}
      aria-haspopup="menu"
      onClick={() => setWasOpened(true)}
    >
      <IconDots size={16} />
    </ActionIcon>
  )
  if (!wasOpened) return button
  return (
    <>
      <Menu defaultOpened>
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown>
          <Items builder={builder} job={job} onShow={onShow} onRemove={() => setRemoving(true)} />
        </Menu.Dropdown>
      </Menu>
      <RemoveDialog builder={builder} opened={removing} onClose={() => setRemoving(false)} />
    </>
  )
}

interface ItemsProps extends BuilderMenuProps {
  readonly onRemove: () => void
}

function Items({ builder, job, onShow, onRemove }: ItemsProps) {
  const { act } = useCommands()
  const { id, enabled } = builder
  const busy = job !== undefined && isActive(job)
  return (
    <>
      {onShow && (
        <>
          <Menu.Item
            disabled={busy}
            leftSection={<IconTestPipe size={15} aria-hidden />}
            onClick={() => void act('test-builder', { id })}
          >
            Send a test build
          </Menu.Item>
          {enabled ? (
            <Menu.Item
              disabled={busy}
              leftSection={<IconPlayerPause size={15} aria-hidden />}
              onClick={() => void act('pause-builder', { id })}
            >
              Pause
            </Menu.Item>
          ) : (
            <Menu.Item
              disabled={busy}
              leftSection={<IconPlayerPlay size={15} aria-hidden />}
              onClick={() => void act('resume-builder', { id })}
            >
              Resume
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconEye size={15} aria-hidden />} onClick={() => onShow(id)}>
            Show
          </Menu.Item>
          <Menu.Divider />
        </>
      )}
      <Menu.Item
        disabled={busy}
        color="var(--broken)"
        leftSection={<IconTrash size={15} aria-hidden />}
        onClick={onRemove}
      >
        Remove…
      </Menu.Item>
    </>
  )
}
