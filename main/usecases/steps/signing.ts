import type { Reply } from '../../../contract/failure'
import type { KnownFailure } from '../../../core/failures/failure'
import { parseOutcome } from '../../../core/provision/progress'
import {
  canSign,
  parseOffer,
  parseSigning,
  type SigningProgress,
  type SubstituterAct,
  signingFiles,
  substituterScript,
} from '../../../core/provision/substituter'
import { FailureError, fail } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import type { RemoteHost } from '../../ports/ssh'
import { keyLinesOf } from './key-lines'
import { openBuilder } from './open-builder'
import { type RemoteSession, runOptions, sudoPasswordFor, withHost } from './remote-session'
import { withRestartConsent } from './restart-consent'

type Needs = Pick<Ports, 'scripts' | 'clock' | 'helper'>

/** A large store takes its time; each batch of it is kept, so that a cut costs little. */
const signTimeoutMs = 6 * 3_600_000

/** The record of a builder whose store is root's, who set it up from here, or one person's; else SUBSTITUTER_NEEDS_ROOT. */
export async function signableRecord(
  { records }: Pick<Ports, 'records'>,
  id: string,
): Promise<BuilderRecord> {
  const record = await records.builder(id)
  return record && canSign(record.provision, record.facts.nix)
    ? record
    : fail('SUBSTITUTER_NEEDS_ROOT', { builder: id })
}

/** Logs in as the one who added the builder, and asks for sudo's password where it is needed. */
export async function openRemoteSession(ports: Pick<Ports, 'ssh'>, job: Job, record: BuilderRecord) {
  const host = await openBuilder(ports, job, record.id, record.login)
  job.always(() => host.close())
  const sudoPassword = await sudoPasswordFor(job, record, host.host)
  return { host, facts: record.facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
}

/** Has the key made over there, unless it is; returns its public half. */
export function makeSigningKey(ports: Needs, job: Job, far: RemoteSession, record: BuilderRecord) {
  return withRestartConsent(
    job,
    async (restart) => {
      const { result, nonce } = await run(ports, far, record, { act: 'offer', restart }, job.signal)
      return succeeded(parseOffer(result, nonce), far.host)
    },
    far.host.host,
  )
}

/** Signs what was there before the key. Goes on where an earlier run was cut. */
export async function signExistingPaths(
  ports: Needs,
  job: Job,
  far: RemoteSession,
  record: BuilderRecord,
  onProgress: (progress: SigningProgress) => void,
): Promise<void> {
  const { result, nonce } = await run(
    ports,
    far,
    record,
    { act: 'sign', restart: 'when-idle' },
    job.signal,
    onProgress,
  )
  succeeded(parseOutcome(result, nonce), far.host)
}

/** Deletes the key over there; running it twice changes nothing. */
export async function deleteSigningKey(
  ports: Needs,
  far: RemoteSession,
  record: BuilderRecord,
  restart: 'when-idle' | 'always',
  signal: AbortSignal,
): Promise<void> {
  const { result, nonce } = await run(ports, far, record, { act: 'withdraw', restart }, signal)
  succeeded(parseOutcome(result, nonce), far.host)
}

/** The record with what lies over there while the builder is offered. */
export function withSigning(
  record: BuilderRecord,
  publicKey: string,
  signing: SigningProgress,
): BuilderRecord {
  const before = withoutSigning(record)
  return {
    ...before,
    remoteFiles: [...before.remoteFiles, ...signingFiles(publicKey, record.provision, record.facts)],
    signing,
  }
}

/** Whether a key of it is over there, as far as is known here. */
export function hasSigningKey({ remoteFiles }: Pick<BuilderRecord, 'remoteFiles'>): boolean {
  return remoteFiles.some(({ path }) => path.endsWith('/signing-key'))
}

/** The record as it was before. */
export function withoutSigning({ signing: _, ...record }: BuilderRecord): BuilderRecord {
  const isSigning = (content = '') => /^(millwright-|extra-secret-key-files)/.test(content)
  const remoteFiles = record.remoteFiles.filter(
    ({ path, content }) => !path.endsWith('/signing-key') && !isSigning(content),
  )
  return { ...record, remoteFiles }
}

async function run(
  ports: Needs,
  far: RemoteSession,
  record: BuilderRecord,
  how: { readonly act: SubstituterAct; readonly restart: 'when-idle' | 'always' },
  signal: AbortSignal,
  onProgress?: (progress: SigningProgress) => void,
) {
  const nonce = ports.clock.newId()
  const provision = { ...record.provision, builder: record.id }
  // What is withdrawn was offered, so it is this builder's by whatever name.
  const ownsUntagged = how.act === 'withdraw' || (await keyLinesOf(ports, record, far.host)).ownsUntagged
  const onLine = (line: string) => {
    const progress = parseSigning(line, nonce)
    if (progress) onProgress?.(progress)
  }
  const script = substituterScript(ports.scripts, provision, { ...how, ownsUntagged }, nonce)
  const options = { ...runOptions(far, provision, signal), onLine }
  const timeout = how.act === 'sign' ? { timeoutMs: signTimeoutMs } : {}
  return { result: await far.host.run(script, { ...options, ...timeout }), nonce }
}

function succeeded<T>(outcome: Reply<T, KnownFailure>, host: RemoteHost): T {
  if (outcome.ok) return outcome.value
  throw new FailureError(withHost(outcome.failure, host))
}
