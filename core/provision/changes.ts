import type { PlanChange, ProvisionParameters, RemoteFacts } from '../../contract/remote'
import { plural } from '../text/format'
import { dedicatedBase, dedicatedHome } from './account'

/** Where provisioning puts its scripts: `~USER` stands for a home that this computer has not seen. */
export function baseFolder(
  { mode, user }: Pick<ProvisionParameters, 'mode' | 'user'>,
  facts: RemoteFacts,
): string {
  if (mode === 'dedicated') return dedicatedBase
  return `${homeOf(user, facts)}/.local/share/millwright`
}

/** The file that holds the key lines. */
export function keysFile(
  { mode, user }: Pick<ProvisionParameters, 'mode' | 'user'>,
  facts: RemoteFacts,
): string {
  return `${mode === 'dedicated' ? dedicatedHome : homeOf(user, facts)}/.ssh/authorized_keys`
}

function homeOf(user: string, facts: RemoteFacts): string {
  return user === facts.user ? facts.home : `~${user}`
}

const lastOne = 'Removing the last builder of Millwright there'

/** Only what is not yet as wanted, in the order in which it is done. */
export function planChanges(facts: RemoteFacts, parameters: ProvisionParameters): PlanChange[] {
  const change = (what: string, target: string, undo: string): PlanChange => ({
    where: 'remote',
    what,
    target,
    undo,
  })
  const base = baseFolder(parameters, facts)
  const { user, install, builder, trust, socket_group: group, nix_bin: nix, way_program: way } = parameters
  const changes: PlanChange[] = []
  if (!facts.scripts.some(({ base: at, hash }) => at === base && hash === parameters.scripts_hash)) {
    changes.push(
      change(
        `Install three small scripts: the only programs that the keys below can start. They run the Nix in ${nix}${way === '' ? '' : `, which they reach by ${way}`}.`,
        `${base}/bin`,
        `${lastOne} deletes them.`,
      ),
    )
  }
  if (parameters.mode === 'dedicated') {
    if (!facts.accounts.some(({ name, home }) => name === user && home === dedicatedHome)) {
      const member = group === '' ? '' : `, in the group ${group} that may talk to the Nix daemon`
      changes.push(
        change(
          `Make the user ${user} for builds, with no password and a home that only root can change${member}.`,
          `user ${user}`,
          `${lastOne} ends its connections and deletes it.`,
        ),
      )
    }
    if (trust !== '' && !facts.fragment.includes(trust)) {
      changes.push(
        change(
          `Let the Nix daemon trust ${user}: one include line, naming a file that says “${trust}”.`,
          parameters.conf_file,
          `${lastOne} takes the line out again.`,
        ),
        change(
          `Restart the Nix daemon, which reads this only when it starts${runningWords(facts)}.`,
          'nix-daemon',
          `${lastOne} restarts it again.`,
        ),
      )
    }
  }
  const own = facts.keys.filter((key) => key.install === install && key.builder === builder)
  const keyOf = (role: string) => own.find((key) => key.role === role)?.key
  const blobOf = (key: string) => key.split(' ')[1]
  const monitor = blobOf(parameters.monitor_key)
  const collect = blobOf(parameters.collect_key)
  if (keyOf('build') === undefined || keyOf('monitor') !== monitor || keyOf('collect') !== collect) {
    changes.push(
      change(
        monitor === undefined || collect === undefined
          ? 'Let in one key that can build for Nix and do nothing else.'
          : 'Let in three keys: one can build for Nix, one can read how busy the machine is, one can delete from the store what nothing there needs. None can do anything else.',
        keysFile(parameters, facts),
        'Removing this builder takes its lines out.',
      ),
    )
  }
  return changes
}

function runningWords({ runningBuilds }: RemoteFacts): string {
  return runningBuilds === 0 ? '' : `; ${plural(runningBuilds, 'build')} running there will go on`
}
