import { VisuallyHidden } from '@mantine/core'
import type { BuilderView } from '../../../contract/snapshot'
import { canBeOffered } from '../../../core/status/builder-words'
import { Switch } from '../../components/controls/switch'
import styles from './substituter.module.css'
import { useSubstituter } from './use-substituter'

interface RowSwitchProps {
  readonly builder: BuilderView
  /** Something is being done with the builder. */
  readonly busy: boolean
}

/** A row's switch: whether what is built there is fetched from there; for me, unless it is on for everyone. */
export function RowSwitch({ builder, busy }: RowSwitchProps) {
  const { press, busy: sending, dialog } = useSubstituter(builder)
  const { id, substituter } = builder
  const { me, everyone, signing } = substituter
  if (!canBeOffered(builder)) {
    return (
      <span className={styles.none}>
        <span aria-hidden>–</span>
        <VisuallyHidden>Not a substituter</VisuallyHidden>
      </span>
    )
  }
  const below = signing ? `signing ${percent(signing)} %` : everyone ? 'everyone' : ''
  return (
    <>
      <Switch
        name={`Use ${id} as substituter`}
        title={everyone ? 'Used as substituter by everyone' : 'Use as substituter, for me'}
        checked={me || everyone}
        busy={busy || sending}
        onPress={press}
      />
      {below && <div className={styles.below}>{below}</div>}
      {dialog}
    </>
  )
}

const percent = ({ done, total }: { readonly done: number; readonly total: number }) =>
  total === 0 ? 100 : Math.floor((100 * done) / total)
