import type { HealthView, Sample } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'

/** A builder that was proven and is on. */
export function aBuilder(id: string, more: Partial<BuilderView> = {}): BuilderView {
  return {
    ...{ id, host: `${id}.lan`, port: 22, user: 'nixremote', protocol: 'ssh-ng', hostKeys: [] },
    ...{
      systems: ['x86_64-linux'],
      supportedFeatures: [],
      mandatoryFeatures: [],
      maxJobs: 8,
      speedFactor: 1,
    },
    ...{ enabled: true, quarantined: false, state: 'ready', runningBuilds: 0 },
    substituter: { offered: false, me: false, everyone: false },
    proof: { drvPath: '/d', outPath: '/o', builtOn: id, durationMs: 900, at: '2026-01-01T00:00:00.000Z' },
    ...{ derived: [], remoteFiles: [], fingerprints: [] },
    ...more,
  }
}

/** What an idle machine says. */
export function aSample(more: Partial<Sample> = {}): Sample {
  return {
    ...{ atMs: Date.now(), latencyMs: 0.8, load1: 0.2, cpus: 8, memoryBytes: 16e9, memoryFreeBytes: 8e9 },
    ...{ storeBytes: 100e9, storeFreeBytes: 60e9, nixVersion: '2.31.1', buildNames: [] },
    ...more,
  }
}

/** How it does, as it says. */
export function aHealth(more: Partial<HealthView> = {}): HealthView {
  return { state: 'ready', since: new Date().toISOString(), sample: aSample(), trend: [], ...more }
}
