import { otherEntryOf } from '../../core/ssh/same-machine'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import type { SeenHostKey } from '../ports/ssh'
import { requireBuilder } from './set-enabled'
import { refuseKnown } from './steps/require-new-machine'
import { setBuilderEnabled } from './steps/user-substituters'
import { testBuilder } from './test-builder'

type Needs = Pick<Ports, 'ssh' | 'helper' | 'local' | 'records' | 'userConf' | 'fingerprint'>

/**
 * The way out of quarantine: the person compares the key that the builder has now, an administrator lets root's files
 * pin it, and a proof shows that it works. Only the key that was shown is pinned: nobody vouches for its others.
 */
export async function* acceptHostKey(ports: Needs, job: Job, id: string): Flow<'accept-host-key'> {
  yield 'read-host-key'
  const builder = await requireBuilder(ports, id)
  const record = await ports.records.builder(id)
  // Behind another machine only the person's own SSH configuration knows the way.
  const login = builder.jump && record ? record.login : { host: builder.host, port: builder.port }
  const seen = await ports.ssh.readHostKey(login, job.ask, job.signal)
  const isPinned = builder.hostKeys.some(({ key }) => key === seen.key.key)
  job.note(isPinned ? 'the one that it had before' : ports.fingerprint(seen.key))
  if (isPinned && !builder.quarantined) return
  if (!isPinned) {
    await requireNoOther(ports, id, seen)
    await confirm(ports, job, seen, builder.hostKeys.map(ports.fingerprint))
  }

  yield 'accept-host-key'
  const hostKeys = isPinned ? builder.hostKeys : [seen.key]
  await job.undo({
    ifLeft: `${id} has its new host key, and may still be off: run millwright resume ${id}.`,
    // What a person and an administrator have agreed to stays agreed.
    run: async () => ((await requireBuilder(ports, id)).quarantined ? undefined : noWayBack()),
  })
  await ports.helper.call({ op: 'clear-quarantine', id, hostKeys }, { signal: job.signal, ask: job.ask })
  if (!isPinned) await seen.remember()

  yield* testBuilder(ports, job, id)

  yield 'enable'
  if ((await ports.records.switchNote(id))?.kind === 'paused') return job.note('it stays paused')
  await setBuilderEnabled(ports, id, true, { ask: job.ask })
  await ports.records.deleteSwitchNote(id)
}

/** An address that has come to lead to another builder, as by a new lease, has no new key of this one. */
async function requireNoOther(ports: Needs, id: string, { host, key }: SeenHostKey): Promise<void> {
  const { builders } = await ports.helper.status()
  const other = otherEntryOf(builders, { id, hostKeys: [key] })
  if (other) await refuseKnown(ports, other, { host }, {})
}

async function confirm(
  { fingerprint }: Pick<Needs, 'fingerprint'>,
  job: Job,
  { host, port, key }: SeenHostKey,
  known: readonly string[],
): Promise<void> {
  const keyType = key.type
  const asked = { host, port, keyType, fingerprint: fingerprint(key) }
  const answer = await job.ask({ kind: 'host-key', ...asked, known })
  if (answer.kind === 'yes') return
  fail('HOST_KEY_REJECTED', {
    host,
    port: String(port),
    type: keyType,
    fingerprint: asked.fingerprint,
    reason: 'declined',
  })
}
