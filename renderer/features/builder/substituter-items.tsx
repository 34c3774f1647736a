import { Menu } from '@mantine/core'
import { IconDownload, IconDownloadOff } from '@tabler/icons-react'
import type { Scope } from '../../../contract/mode'
import type { BuilderView } from '../../../contract/snapshot'
import { canBeOffered } from '../../../core/status/builder-words'
import { useCommands } from '../../state/api-context'

interface SubstituterItemsProps {
  readonly builder: BuilderView
  readonly busy: boolean
  readonly onSet: (scope: Scope, on: boolean) => void
}

/** What the row's switch does not do: use it for everyone, and take all of it back. */
export function SubstituterItems({ builder, busy, onSet }: SubstituterItemsProps) {
  const { act } = useCommands()
  const { id, substituter } = builder
  const { offered, everyone, isForMeAlone } = substituter
  if (!canBeOffered(builder) || (isForMeAlone && !offered)) return null
  return (
    <>
      {!isForMeAlone && (
        <Menu.Item
          disabled={busy}
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() => onSet('everyone', !everyone)}
        >
          {everyone ? 'Substituter no longer for everyone' : 'Substituter for everyone…'}
        </Menu.Item>
      )}
      {offered && (
        <Menu.Item
          disabled={busy}
          leftSection={<IconDownloadOff size={15} aria-hidden />}
          onClick={() => void act('withdraw-substituter', { id })}
        >
          Withdraw the substituter
        </Menu.Item>
      )}
      <Menu.Divider />
    </>
  )
}
