import { emptyUserSettings } from '../../core/nix/user-conf'
import { removalCommands } from '../../core/provision/removal'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'
import { forgetKeysTo, forgetOwnKeys } from './steps/own-keys'
import { hasSigningKey } from './steps/signing'

/**
 * Takes back all that Millwright wrote on this computer, for everyone and for this person, also where root's files are
 * such that nobody can read them any more. What was made on the builders stays there; what to run for it is said.
 */
export async function* uninstall(
  { helper, records, userConf, keychain }: Pick<Ports, 'helper' | 'records' | 'userConf' | 'keychain'>,
  job: Job,
): Flow<'uninstall'> {
  yield 'take-back'
  const [known, unreadable] = await Promise.all([records.builders(), records.unreadable()])
  await job.undo({
    ifLeft: 'Millwright is taken back only in part from this computer: run millwright uninstall again.',
    run: async () => ((await helper.status()).initialised ? undefined : noWayBack()),
  })
  await helper.call({ op: 'uninstall' }, { signal: job.signal, ask: job.ask })
  await records.updateSubstituters(() => [])
  await userConf.update(() => emptyUserSettings)
  for (const { id, login, facts, provision, remoteFiles, leftBehind } of known) {
    const commands = removalCommands(provision, { signs: hasSigningKey({ remoteFiles }), nix: facts.nix })
    for (const sentence of leftBehind ?? commands) job.leave(`${id} (${login.host}). ${sentence}`)
    await forgetKeysTo({ keychain }, id)
    await records.deleteBuilder(id)
    await records.deleteSwitchNote(id)
  }
  for (const { id } of unreadable)
    job.leave(`What was made on the machine of ${id}: which one that is nobody knows here any more.`)
  // They are let in where those were made.
  if (unreadable.length === 0) await forgetOwnKeys({ keychain })
}
