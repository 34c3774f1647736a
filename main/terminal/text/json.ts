import type { Proof } from '../../../contract/builder'
import type { Snapshot } from '../../../contract/snapshot'
import { unmanagedJson } from './unmanaged-text'

/** The document of `list --json`, version 1. */
export function listJson({ builders, unmanaged, modes }: Snapshot) {
  return {
    version: 1,
    modes: {
      remoteOnly: { me: modes.remoteOnly.me, everyone: modes.remoteOnly.everyone },
      localOnly: { me: modes.localOnly.me },
    },
    builders: builders.map((builder) => ({
      id: builder.id,
      host: builder.host,
      port: builder.port,
      user: builder.user,
      protocol: builder.protocol,
      systems: builder.systems,
      supportedFeatures: builder.supportedFeatures,
      mandatoryFeatures: builder.mandatoryFeatures,
      maxJobs: builder.maxJobs,
      speedFactor: builder.speedFactor,
      hostKeys: builder.fingerprints,
      enabled: builder.enabled,
      used: builder.enabled && builder.state !== 'not-used',
      alsoOffered: builder.alsoOffered ?? [],
      substituter: {
        offered: builder.substituter.offered,
        me: builder.substituter.me,
        everyone: builder.substituter.everyone,
      },
      shared: builder.sharing === 'on',
    })),
    unmanaged: unmanagedJson(unmanaged),
  }
}

/** The document of a passed `test --json`, and the proof in `add --json`. */
export function testJson(builder: string, proof: Proof | undefined) {
  if (!proof) return undefined
  const { drvPath, outPath, builtOn, durationMs } = proof
  return { ok: true, builder, drvPath, outPath, builtOn, durationMs }
}
