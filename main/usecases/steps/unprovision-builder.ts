import type { RegisteredBuilder } from '../../../contract/builder'
import type { ProvisionParameters, RemoteFacts } from '../../../contract/remote'
import { isOneOf } from '../../../core/failures/failure'
import { rebuildParameters } from '../../../core/provision/rebuild'
import { removalCommands } from '../../../core/provision/removal'
import { FailureError, toFailure } from '../../failures'
import type { Flow, Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import type { Ask } from '../../ports/ssh'
import { revokeJumpHostAccess } from './jump-host-access'
import { keyLinesOf } from './key-lines'
import { openBuilder } from './open-builder'
import { askSudoPassword, inspect, sudoPasswordFor, unprovision } from './remote-session'

/** Nobody knows what it was used for, nor which version set it up. */
const lostRecord = { signs: true, mayBeUntagged: true }

/** Takes back what was made over there, as whoever set it up. `begin` is called before the first change. */
export async function* unprovisionBuilder(
  ports: Ports,
  job: Job,
  record: BuilderRecord,
  begin: () => Promise<void>,
): Flow<'remove'> {
  yield 'connect'
  const host = await openBuilder(ports, job, record.id, record.login)
  job.always(() => host.close())

  yield 'unprovision'
  const sudoPassword = await sudoPasswordFor(job, record, host.host)
  const far = { host, facts: record.facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  const { install = await ports.records.installId() } = record.provision
  await begin()
  const parameters = { ...record.provision, builder: record.id }
  await unprovision(ports, job, far, parameters, await keyLinesOf(ports, record, host), job.signal)
  await revokeJumpHostAccess(ports, host, { id: record.id, install }, job.signal)
}

/** A builder of which no note tells what was made: by root's files, or by what an earlier removal left behind. */
export interface LostBuilder extends Pick<RegisteredBuilder, 'id' | 'user'> {
  readonly login: Partial<BuilderRecord['login']> & Pick<BuilderRecord['login'], 'host' | 'port'>
  /** Pinned by root's files. */
  readonly hostKeys: RegisteredBuilder['hostKeys']
  readonly buildKey?: string | undefined
  /** Whose key lines they are thought to be; what stands there may say otherwise. */
  readonly install: string
}

/** What is found out of a lost builder before anything of it is taken back. */
export interface Found {
  readonly facts: RemoteFacts
  readonly provision: ProvisionParameters
  readonly user: string
}

/**
 * The same where the record of it is lost: by the person's own login, and by what stands there. Where they may not log
 * in or become root, or another installation made it, it is left behind: returns the commands, a sentence each. `begin`
 * is told what was found, so that a removal that is cut short can go by it.
 */
export async function* unprovisionLost(
  ports: Ports,
  job: Job,
  builder: LostBuilder,
  begin: (found: Found) => Promise<void>,
): AsyncGenerator<'connect' | 'unprovision', readonly string[], void> {
  yield 'connect'
  const host = await openIfAllowed(ports, job, builder)
  if (!host) return lostCommands(builder)
  job.always(() => host.close())
  const facts = await inspect(ports, job, host)
  const install = installOf(builder, facts)
  const provision = rebuildParameters(builder, install ?? builder.install, facts)
  if (isGone(builder, facts, provision)) {
    job.note('nothing of it is there any more')
    return []
  }
  const made = install ?? facts.keys.find(({ role }) => role === 'build')?.install ?? builder.install
  const byHand = removalCommands({ ...provision, install: made }, { ...lostRecord, nix: facts.nix })
  if (install === undefined || (provision.run_as !== 'login' && facts.root === 'none')) return byHand

  yield 'unprovision'
  const sudoPassword = await askSudoPassword(job, facts, provision, host)
  await begin({ facts, provision, user: host.user })
  const far = { host, facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  try {
    await unprovision(ports, job, far, provision, await keyLinesOf(ports, builder, host), job.signal)
  } catch (error) {
    // Whether they may is known only once sudo has a password; nothing has been run as root by then.
    if (error instanceof FailureError && isOneOf(error.failure, ['SUDO_NOT_ALLOWED'])) return byHand
    throw error
  }
  await revokeJumpHostAccess(ports, host, { id: builder.id, install }, job.signal)
  return []
}

/** What to run over there, as far as can be known from here. */
export function lostCommands(builder: LostBuilder): readonly string[] {
  return removalCommands(rebuildParameters(builder, builder.install), lostRecord)
}

/** The installation whose lines over there are this builder's: root's key says so, else a line's own name. */
function installOf({ id, buildKey, install }: LostBuilder, { keys }: RemoteFacts): string | undefined {
  const blob = buildKey?.split(' ')[1]
  const byKey = keys.find(({ role, key }) => role === 'build' && key === blob)
  const byName = keys.find((line) => line.install === install && (line.builder ?? id) === id)
  return (byKey ?? byName)?.install
}

/** Whether somebody has cleaned up there already, as far as this login can see. */
function isGone(
  { user }: LostBuilder,
  { accounts, keys, scripts, fragment, user: login }: RemoteFacts,
  { mode }: Pick<ProvisionParameters, 'mode'>,
): boolean {
  const isVisible = mode === 'dedicated' || user === login || user === 'nixremote' || user === 'millwright'
  const nothing = keys.length + scripts.length + fragment.length === 0
  return isVisible && nothing && !accounts.some(({ name, home }) => name === user && /millwright/.test(home))
}

/** Undefined where the person may not log in: who set it up is not known any more. */
async function openIfAllowed(
  { ssh, fingerprint }: Pick<Ports, 'ssh' | 'fingerprint'>,
  job: Job,
  { login: { user, ...login }, hostKeys }: LostBuilder,
) {
  const pinned = hostKeys.map(fingerprint)
  // An administrator agreed to these keys; whoever removes the builder need not compare them again.
  const ask: Ask = async (question) =>
    question.kind === 'host-key' && !question.known && pinned.includes(question.fingerprint)
      ? { kind: 'yes' }
      : await job.ask(question)
  try {
    return await ssh.open({ ...login, ...(user ? { user } : {}) }, ask, job.signal)
  } catch (error) {
    if (toFailure(error).code !== 'LOGIN_REFUSED') throw error
    job.note('nobody knows any more who set it up')
    return undefined
  }
}
