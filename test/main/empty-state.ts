import { firstState } from '../../main/first-state'
import type { State } from '../../main/store'

/** A computer with nothing set up. */
export const emptyState: State = {
  ...firstState('0.0.0'),
  platform: 'linux',
  helper: { state: 'ready', way: 'root', warnings: [], installCommand: '' },
  autostart: { way: 'off', offered: ['off', 'desktop'] },
}
