import type { BuilderSpec } from '../../../contract/builder'
import type { AddOptions } from '../../../contract/commands'
import type { RemoteFacts } from '../../../contract/remote'
import type { Provisioning } from '../../../core/provision/plan'
import type { Address } from '../../../core/ssh/address'
import { formatBytes, plural } from '../../../core/text/format'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import type { RemoteHost } from '../../ports/ssh'

/** What the person asked for. */
export interface AddRequest {
  readonly id: string
  /** The address as typed, for the record. */
  readonly typed: string
  readonly address: Address
  readonly options: AddOptions
}

/** What was found over there, in a line. */
export function factsNote({ osName, cpus, memoryBytes, nix, wayIn }: RemoteFacts): string {
  const kind = wayIn ? `by ${wayIn.program}` : nix?.kind
  return [osName, plural(cpus, 'CPU'), formatBytes(memoryBytes), nix?.version, kind]
    .filter(Boolean)
    .join(', ')
}

/** What root's files will say of it. */
export function specOf(draft: AddRequest, host: RemoteHost, { settings }: Provisioning): BuilderSpec {
  return {
    id: draft.id,
    host: host.host,
    port: host.port,
    user: settings.user,
    protocol: settings.protocol,
    systems: [...settings.systems],
    supportedFeatures: [...settings.supportedFeatures],
    mandatoryFeatures: [...settings.mandatoryFeatures],
    maxJobs: settings.maxJobs,
    speedFactor: settings.speedFactor,
    hostKeys: [...host.hostKeys],
    ...(host.jump ? { jump: host.jump } : {}),
  }
}

/** What the app will remember of it. */
export function newRecord(
  { clock }: Ports,
  { id, typed, address, options }: AddRequest,
  host: RemoteHost,
  // It decided of the plan, and nothing hangs on it any more.
  { sshd: _, ...facts }: RemoteFacts,
  { plan, parameters }: Provisioning,
): BuilderRecord {
  const { identityFile } = options
  return {
    id,
    // The name as typed, so that the SSH configuration leads the same way again.
    login: {
      user: host.user,
      host: address.host,
      port: host.port,
      ...(identityFile ? { identityFile } : {}),
    },
    address: typed,
    facts,
    derived: plan.derived,
    remoteFiles: [],
    provision: parameters,
    addedAt: clock.now().toISOString(),
  }
}
