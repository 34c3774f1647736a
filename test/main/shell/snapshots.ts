import { noBuilds } from '../../../contract/builds'
import type { JobView } from '../../../contract/job'
import { modesOff } from '../../../contract/mode'
import { defaultPreferences } from '../../../contract/preferences'
import type { BuilderView, Snapshot } from '../../../contract/snapshot'

/** A snapshot of an app that has just started on a desktop without builders. */
export function snapshotWith(part: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 1,
    appVersion: '0.0.0',
    platform: 'linux',
    helper: { state: 'ready', way: 'pkexec', warnings: [], installCommand: '' },
    modes: modesOff,
    tray: 'shown',
    builders: [],
    builds: noBuilds,
    preferences: defaultPreferences,
    autostart: { way: 'off', offered: ['off', 'desktop'] },
    jobs: [],
    reachable: [],
    brokenLines: [],
    localFiles: [],
    foreign: [],
    ...part,
  }
}

export function builderWith(part: Partial<BuilderView> = {}): BuilderView {
  return {
    id: 'anna',
    host: '10.0.0.7',
    port: 22,
    user: 'nixremote',
    protocol: 'ssh-ng',
    systems: ['x86_64-linux'],
    supportedFeatures: [],
    mandatoryFeatures: [],
    maxJobs: 8,
    speedFactor: 2,
    hostKeys: [],
    enabled: true,
    quarantined: false,
    substituter: { offered: false, me: false, everyone: false },
    state: 'ready',
    derived: [],
    remoteFiles: [],
    fingerprints: [],
    ...part,
  }
}

export function jobWith(part: Partial<JobView> = {}): JobView {
  return {
    id: 'job1',
    kind: 'test',
    builderId: 'anna',
    address: 'anna',
    state: 'running',
    steps: [{ name: 'prove', state: 'running' }],
    leftBehind: [],
    changed: false,
    ...part,
  }
}
