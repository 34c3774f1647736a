import { noBuilds } from '../contract/builds'
import { modesOff } from '../contract/mode'
import { defaultPreferences } from '../contract/preferences'
import { platform } from '../helper/system/find-installation'
import type { State } from './store'

/** What is known before anything has been looked at. */
export function initialState(appVersion: string): State {
  return {
    appVersion,
    platform,
    helper: { state: 'missing', way: 'none', warnings: [], installCommand: '' },
    modes: modesOff,
    tray: 'absent',
    builders: [],
    health: {},
    slots: undefined,
    unmanaged: [],
    answers: {},
    builds: noBuilds,
    preferences: defaultPreferences,
    autostart: { way: 'off', offered: ['off'] },
    jobs: [],
    reachable: [],
    brokenLines: [],
    localFiles: [],
    foreign: [],
  }
}
