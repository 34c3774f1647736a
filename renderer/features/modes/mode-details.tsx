import type { ModeName, ModeView } from '../../../contract/mode'
import type { HelperView } from '../../../contract/snapshot'
import { modeWords, overriddenWords } from '../../../core/modes/mode-words'
import type { ModeChange } from '../../../core/modes/toggle-mode'
import { Switch } from '../../components/controls/switch'
import styles from './modes.module.css'

interface ModeDetailsProps {
  readonly mode: ModeName
  readonly view: ModeView
  readonly busy: boolean
  readonly way: HelperView['way']
  readonly onChange: (change: ModeChange) => void
}

/** What Nix really does in a mode, who decides instead of the switch, and for whom it is switched on. */
export function ModeDetails({ mode, view, busy, way, onChange }: ModeDetailsProps) {
  const { title, sentence } = modeWords(mode)
  const overridden = overriddenWords(view)
  return (
    <div className={styles.details} tabIndex={-1} data-autofocus>
      <p className={styles.title}>{title}</p>
      <p className={styles.sentence}>{sentence}</p>
      {overridden && <p className={styles.overridden}>{overridden}</p>}
      <div className={styles.scope}>
        <Switch
          name={`${title}: for me`}
          checked={view.me}
          busy={busy}
          onPress={() => onChange({ scope: 'me', on: !view.me })}
        >
          For me
        </Switch>
        <span className={styles.needs}>no password</span>
      </div>
      {mode === 'remote-only' && way !== 'not-needed' && (
        <div className={styles.scope}>
          <Switch
            name={`${title}: for everyone`}
            checked={view.everyone}
            busy={busy}
            onPress={() => onChange({ scope: 'everyone', on: !view.everyone })}
          >
            For everyone
          </Switch>
          <span className={styles.needs}>{way === 'root' ? '' : 'needs an administrator'}</span>
        </div>
      )}
      <p className={styles.exclude}>
        {mode === 'remote-only'
          ? 'Switches “only locally” off.'
          : 'For you alone. Switches “only remotely” off.'}
      </p>
    </div>
  )
}
