import { noBuilds } from '../contract/builds'
import { modesOff } from '../contract/mode'
import { usualPreferences } from '../contract/preferences'
import type { State } from './store'

/** What is known before anything has been looked at. */
export function firstState(appVersion: string): State {
  return {
    appVersion,
    platform: process.platform === 'darwin' ? 'darwin' : 'linux',
    helper: { state: 'missing', way: 'none', warnings: [], installCommand: '' },
    modes: modesOff,
    tray: 'absent',
    builders: [],
    health: {},
    builds: noBuilds,
    preferences: usualPreferences,
    autostart: { way: 'off', offered: ['off'] },
    jobs: [],
    reachable: [],
    brokenLines: [],
    localFiles: [],
    foreign: [],
  }
}
