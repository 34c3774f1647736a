import { modesOff } from '../../contract/mode'
import type { State } from '../../main/store'

/** A computer with nothing set up. */
export const emptyState: State = {
  appVersion: '0.0.0',
  platform: 'linux',
  helper: { state: 'ready', way: 'root', warnings: [], installCommand: '' },
  modes: modesOff,
  tray: 'absent',
  builders: [],
  jobs: [],
  reachable: [],
  brokenLines: [],
  localFiles: [],
  foreign: [],
}
