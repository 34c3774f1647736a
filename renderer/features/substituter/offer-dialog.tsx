import { Button, Modal } from '@mantine/core'
import type { Scope } from '../../../contract/mode'
import { SheetFoot, SheetScroll } from '../../sheet/sheet-frame'
import { offerSentence } from './offer-sentence'
import styles from './substituter.module.css'

interface OfferDialogProps {
  readonly id: string
  readonly scope: Scope
  readonly isForMeAlone: boolean
  readonly onClose: () => void
  readonly onAgree: () => void
}

/** Says once what happens on both sides when a builder becomes a substituter. */
export function OfferDialog({ id, scope, isForMeAlone, onClose, onAgree }: OfferDialogProps) {
  return (
    <Modal opened onClose={onClose} title={`Fetch what ${id} has built?`} withCloseButton={false} size={480}>
      <SheetScroll>
        <p>{offerSentence(id)}</p>
        <p className={styles.more}>
          Nix then fetches from there {scope === 'everyone' ? 'for everyone on this computer ' : ''}instead of
          building again. It takes a login on {id}
          {isForMeAlone ? '' : ' and an administrator here'}, and can be taken back on both sides.
        </p>
      </SheetScroll>
      <SheetFoot>
        <Button onClick={onClose} data-autofocus>
          Leave it
        </Button>
        <Button
          variant="filled"
          onClick={() => {
            onClose()
            onAgree()
          }}
        >
          Make the key
        </Button>
      </SheetFoot>
    </Modal>
  )
}
