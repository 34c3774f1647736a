import { Button, Checkbox, Modal } from '@mantine/core'
import { useState } from 'react'
import type { BuilderView } from '../../../contract/snapshot'
import { SheetFoot, SheetScroll } from '../../sheet/sheet-frame'
import { useCommands } from '../../state/api-context'
import styles from './remove-dialog.module.css'

interface RemoveDialogProps {
  readonly builder: BuilderView
  readonly opened: boolean
  readonly onClose: () => void
}

/** Asks once, saying what will be taken back on both sides. */
export function RemoveDialog({ builder, opened, onClose }: RemoveDialogProps) {
  const { act } = useCommands()
  const { id, adoptedFrom } = builder
  const [localOnly, setLocalOnly] = useState(false)
  return (
    <Modal opened={opened} onClose={onClose} title={`Remove ${id}?`} withCloseButton={false} size={480}>
      <SheetScroll>
        <ul className={styles.sides}>
          <li>
            <strong>On this computer</strong>{' '}
            {adoptedFrom === undefined ? (
              'Nix forgets it, and root’s key for it is deleted.'
            ) : (
              <>
                its line goes back to <code>{adoptedFrom}</code>, as it was.
              </>
            )}
          </li>
          {adoptedFrom === undefined && <FarSide builder={builder} localOnly={localOnly} />}
        </ul>
        {adoptedFrom === undefined && (
          <Checkbox
            mt={16}
            checked={localOnly}
            onChange={(event) => setLocalOnly(event.currentTarget.checked)}
            label="Only here: the machine is gone or cannot be reached"
          />
        )}
      </SheetScroll>
      <SheetFoot>
        <Button onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button
          variant="filled"
          color="broken"
          onClick={() => {
            onClose()
            void act('remove-builder', { id, localOnly })
          }}
        >
          Remove {localOnly ? 'only here' : 'on both sides'}
        </Button>
      </SheetFoot>
    </Modal>
  )
}

/** What Millwright takes back there, or leaves. */
function FarSide({
  builder,
  localOnly,
}: Pick<RemoveDialogProps, 'builder'> & { readonly localOnly: boolean }) {
  const { host, login, remoteFiles } = builder
  return (
    <li>
      <strong>On {host}</strong>{' '}
      {localOnly ? (
        'everything stays. The commands to clean up there later will be shown.'
      ) : (
        <>
          Millwright logs in{login && ` as ${login}`} and takes back what it made:
          {remoteFiles.length === 0 && ' its user, keys and scripts.'}
        </>
      )}
      {!localOnly && remoteFiles.length > 0 && (
        <ul className={styles.files}>
          {remoteFiles.map(({ path, owns }) => (
            <li key={`${path} ${owns}`}>
              <code>{path}</code>
              {owns === 'line' && ' (our line of it)'}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
