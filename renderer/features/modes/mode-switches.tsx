import type { Snapshot } from '../../../contract/snapshot'
import { offersModes } from '../../../core/modes/toggle-mode'
import { isActive } from '../../labels/state-label'
import { ModeSwitch } from './mode-switch'
import styles from './modes.module.css'

/** The two modes, at the top right: what Nix does now, and for whom. */
export function ModeSwitches({ snapshot: { modes, builders, jobs, helper } }: { snapshot: Snapshot }) {
  const { remoteOnly, localOnly } = modes
  if (!offersModes(builders.length, remoteOnly, localOnly)) return null
  const busy = jobs.some((job) => job.kind === 'mode' && isActive(job))
  return (
    <fieldset className={styles.modes}>
      <legend className={styles.legend}>Build only</legend>
      <ModeSwitch mode="remote-only" word="remotely" view={remoteOnly} busy={busy} way={helper.way} />
      <ModeSwitch mode="local-only" word="locally" view={localOnly} busy={busy} way={helper.way} />
    </fieldset>
  )
}
