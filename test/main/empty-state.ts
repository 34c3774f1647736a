import { noBuilds } from '../../contract/builds'
import { modesOff } from '../../contract/mode'
import { usualPreferences } from '../../contract/preferences'
import type { State } from '../../main/store'

/** A computer with nothing set up. */
export const emptyState: State = {
  appVersion: '0.0.0',
  platform: 'linux',
  helper: { state: 'ready', way: 'root', warnings: [], installCommand: '' },
  modes: modesOff,
  tray: 'absent',
  builders: [],
  health: {},
  builds: noBuilds,
  preferences: usualPreferences,
  autostart: { way: 'off', offered: ['off', 'desktop'] },
  jobs: [],
  reachable: [],
  brokenLines: [],
  localFiles: [],
  foreign: [],
}
