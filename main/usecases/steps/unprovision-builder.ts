import type { RegisteredBuilder } from '../../../contract/builder'
import { rebuildParameters } from '../../../core/provision/rebuild'
import { removalCommands } from '../../../core/provision/removal'
import { toFailure } from '../../failures'
import type { Flow, Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import type { BuilderRecord } from '../../ports/records'
import { revokeJumpHostAccess } from './jump-host-access'
import { keyLinesOf } from './key-lines'
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
  const host = await ports.ssh.open(record.login, job.ask, job.signal)
  job.always(() => host.close())

  yield 'unprovision'
  const sudoPassword = await sudoPasswordFor(job, record, host.host)
  const far = { host, facts: record.facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  await begin()
  const parameters = { ...record.provision, builder: record.id }
  await unprovision(ports, job, far, parameters, await keyLinesOf(ports, record, host), job.signal)
  await revokeJumpHostAccess(ports, host, record.id, job.signal)
}

/**
 * The same where the record of it is lost: by the person's own login, and by what stands there. Where they may not log
 * in or become root, or another installation made it, it is left behind, with the commands.
 */
export async function* unprovisionWithoutRecord(
  ports: Ports,
  job: Job,
  builder: RegisteredBuilder,
  begin: () => Promise<void>,
): Flow<'remove'> {
  yield 'connect'
  const host = await openIfAllowed(ports, job, builder)
  if (!host) return await leaveProvisioned(ports, job, builder)
  job.always(() => host.close())
  const facts = await inspect(ports, job, host)
  const install = await ports.records.installId()
  const parameters = rebuildParameters(builder, install, facts)
  const isOurs = facts.keys.some((key) => key.install === install)
  if (!isOurs || (parameters.run_as !== 'login' && facts.root === 'none')) {
    const made = facts.keys.find(({ role }) => role === 'build')?.install ?? install
    const known = { ...lostRecord, nix: facts.nix }
    for (const sentence of removalCommands({ ...parameters, install: isOurs ? install : made }, known))
      job.leave(sentence)
    return
  }

  yield 'unprovision'
  const sudoPassword = await askSudoPassword(job, facts, parameters, host)
  await begin()
  const far = { host, facts, ...(sudoPassword === undefined ? {} : { sudoPassword }) }
  await unprovision(ports, job, far, parameters, await keyLinesOf(ports, builder, host), job.signal)
  await revokeJumpHostAccess(ports, host, builder.id, job.signal)
}

/** Says what to run over there, as far as can be known from here. */
export async function leaveProvisioned(
  { records }: Pick<Ports, 'records'>,
  job: Job,
  builder: RegisteredBuilder,
): Promise<void> {
  const parameters = rebuildParameters(builder, await records.installId())
  for (const sentence of removalCommands(parameters, lostRecord)) job.leave(sentence)
}

/** Undefined where the person may not log in: who set it up is not known any more. */
async function openIfAllowed({ ssh }: Pick<Ports, 'ssh'>, job: Job, { host, port }: RegisteredBuilder) {
  try {
    return await ssh.open({ host, port }, job.ask, job.signal)
  } catch (error) {
    if (toFailure(error).code !== 'LOGIN_REFUSED') throw error
    job.note('nobody knows any more who set it up')
    return undefined
  }
}
