import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import type { Ports } from '../ports/ports'
import { requireBuilder } from './set-enabled'
import { withRestartConsent } from './steps/restart-consent'
import { setUserSubstituter } from './steps/user-substituters'

/** Whether a builder has yet to become a substituter, or became one only in part. */
export async function needsOffer(ports: Pick<Ports, 'helper' | 'records'>, id: string): Promise<boolean> {
  const { substituter } = await requireBuilder(ports, id)
  const record = await ports.records.builder(id)
  return substituter === undefined || record?.signing !== undefined
}

/** The person's own switch: root has said what may be trusted, so it takes no root, and holds at once. */
export async function setSubstituterForMe(
  ports: Pick<Ports, 'helper' | 'records' | 'userConf'>,
  id: string,
  on: boolean,
): Promise<void> {
  await requireBuilder(ports, id)
  await setUserSubstituter(ports, id, on)
}

/** Every user's Nix asks the builder too, or again only that of those who want it. */
export async function* setSubstituterForEveryone(
  { helper }: Pick<Ports, 'helper'>,
  job: Job,
  id: string,
  everyone: boolean,
): Flow<'mode'> {
  yield 'switch'
  if (everyone && (await helper.inspect()).way === 'not-needed') fail('NOBODY_ELSE_HERE')
  const { substituter } = await requireBuilder({ helper }, id)
  if (!substituter) return everyone ? fail('SUBSTITUTER_NEEDS_ROOT', { builder: id }) : undefined
  const { publicKey } = substituter
  await withRestartConsent(job, (restartDaemon) =>
    helper.call(
      { op: 'set-substituter', id, offered: true, everyone, publicKey, restartDaemon },
      { signal: job.signal, ask: job.ask },
    ),
  )
}
