import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconEye, IconKey, IconRecycle, IconTestPipe, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { JobView } from '../../../contract/job'
import type { Scope } from '../../../contract/mode'
import type { BuilderView } from '../../../contract/snapshot'
import { isActive } from '../../labels/state-label'
import { useCommands } from '../../state/api-context'
import { useSubstituter } from '../substituter/use-substituter'
import { PauseItems } from './pause-items'
import { RemoveDialog } from './remove-dialog'
import { SubstituterItems } from './substituter-items'

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
  const { set, dialog } = useSubstituter(builder)
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
          <Items builder={builder} job={job} onShow={onShow} onRemove={() => setRemoving(true)} onSet={set} />
        </Menu.Dropdown>
      </Menu>
      <RemoveDialog builder={builder} opened={removing} onClose={() => setRemoving(false)} />
      {dialog}
    </>
  )
}

interface ItemsProps extends BuilderMenuProps {
  readonly onRemove: () => void
  readonly onSet: (scope: Scope, on: boolean) => void
}

function Items({ builder, job, onShow, onRemove, onSet }: ItemsProps) {
  const { act } = useCommands()
  const { id } = builder
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
          <PauseItems builder={builder} busy={busy} />
          <Menu.Item leftSection={<IconEye size={15} aria-hidden />} onClick={() => onShow(id)}>
            Show
          </Menu.Item>
          <Menu.Divider />
          <SubstituterItems builder={builder} busy={busy} onSet={onSet} />
        </>
      )}
      <Menu.Item
        disabled={busy}
        leftSection={<IconRecycle size={15} aria-hidden />}
        onClick={() => void act('collect-garbage', { id })}
      >
        Free space…
      </Menu.Item>
      <Menu.Item
        disabled={busy}
        leftSection={<IconKey size={15} aria-hidden />}
        onClick={() => void act('rotate-key', { id })}
      >
        Renew its keys…
      </Menu.Item>
      <Menu.Divider />
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
