import { Button, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Failure } from '../../contract/failure'
import type { Snapshot } from '../../contract/snapshot'
import { FailurePanel } from '../components/messages/failure-panel'
import { type AddForm, readOptions } from './add-form'
import styles from './choose-sheet.module.css'
import { MoreOptions } from './more-options'
import { ReachableMachines } from './reachable-machines'
import { SheetFoot, SheetScroll } from './sheet-frame'

interface ChooseSheetProps {
  readonly opened: boolean
  readonly snapshot: Snapshot
  readonly draft: AddForm
  /** Why the last attempt did not even begin. */
  readonly failure: Failure | undefined
  readonly starting: boolean
  readonly onDraft: (draft: AddForm) => void
  readonly onStart: (draft: AddForm) => void
  readonly onClose: () => void
}

/** Where adding begins: a machine within reach, or the one field. */
export function ChooseSheet(props: ChooseSheetProps) {
  const { opened, snapshot, draft, failure, starting, onDraft, onStart, onClose } = props
  const [asked, setAsked] = useState(false)
  const read = readOptions(draft)
  const isMissing = asked && draft.address.trim() === ''
  const machines = snapshot.reachable
  return (
    <Modal opened={opened} onClose={onClose} title="Add a builder" withCloseButton={false} size={560}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(true)
          if (draft.address.trim() !== '' && read.ok && !starting) onStart(draft)
        }}
      >
        <SheetScroll>
          {machines.length > 0 && (
            <ReachableMachines
              machines={machines}
              builders={snapshot.builders}
              wanted={draft.address}
              disabled={starting}
              onChoose={(address) => onStart({ ...draft, address })}
            />
          )}
          <TextInput
            data-autofocus
            mt={8}
            label={machines.length > 0 ? 'Or any machine you can log in to' : 'A machine you can log in to'}
            description="An address as you would give it to ssh, or a name from your SSH configuration."
            placeholder="user@host[:port]"
            autoComplete="off"
            spellCheck={false}
            value={draft.address}
            error={isMissing ? 'Type where to log in, such as admin@otto.lan.' : failure !== undefined}
            onChange={(event) => onDraft({ ...draft, address: event.currentTarget.value })}
          />
          {failure && (
            <div className={styles.failure}>
              <FailurePanel failure={failure} />
            </div>
          )}
          <MoreOptions draft={draft} errors={read.ok ? {} : read.errors} onDraft={onDraft} />
        </SheetScroll>
        <SheetFoot note="Millwright looks first and shows what it would do. Nothing changes until you agree.">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="filled" loading={starting}>
            Connect
          </Button>
        </SheetFoot>
      </form>
    </Modal>
  )
}
