import { linesOf, type Machine } from './machine'

const dedicated = '/var/lib/millwright'

/** What `remote/inspect.sh` prints on a machine for who is logged in, without the nonce. */
export function inspectionLines(machine: Machine, user: string): string[] {
  const account = machine.accounts.get(user)
  const home = account?.home ?? '/nonexistent'
  const facts = { ...systemFacts(machine, user, home, account?.groups ?? []), ...nixFacts(machine) }
  const root = { free: 'sudo-free', password: 'sudo-password', none: 'none' }[account?.sudo ?? 'none']
  return [
    'begin',
    ...Object.entries({ ...facts, root }).map(([name, value]) => `fact ${name} ${value}`),
    ...ownFacts(machine, home),
    'end',
  ]
}

function systemFacts(
  { name, runningBuilds, bootId, machineId }: Machine,
  user: string,
  home: string,
  groups: readonly string[],
) {
  return {
    speed_rounds_per_second: '64',
    host_name: name,
    user,
    uid: '1000',
    groups: groups.join(' '),
    home,
    kernel: 'linux',
    architecture: 'x86_64',
    os_name: 'Debian GNU/Linux 12 (bookworm)',
    init: 'systemd',
    boot_id: bootId,
    machine_id: machineId,
    cpus: '8',
    memory_bytes: String(32 * 2 ** 30),
    store_free_bytes: String(2 ** 40),
    running_builds: String(runningBuilds),
  }
}

function nixFacts({ trustedUsers }: Machine) {
  return {
    nix_version: 'nix (Nix) 2.18.9',
    nix_bin_dir: '/nix/var/nix/profiles/default/bin',
    nix_kind: 'multi-user',
    nix_conf_dir: '/etc/nix',
    conf_file: '/etc/nix/nix.conf',
    store_owner: 'root',
    daemon_running: 'yes',
    system: 'x86_64-linux',
    trusted_users: trustedUsers.join(' '),
    allowed_users: '*',
  }
}

/** What Millwright itself has left there. */
function ownFacts(machine: Machine, home: string): string[] {
  const nixremote = machine.accounts.get('nixremote')
  const keys = [`${dedicated}/home/.ssh/authorized_keys`, `${home}/.ssh/authorized_keys`]
  return [
    ...(nixremote ? [`fact account nixremote ${nixremote.home}`] : []),
    ...[dedicated, `${home}/.local/share/millwright`].flatMap((base) =>
      linesOf(machine, `${base}/state`).flatMap((line) =>
        line.startsWith('scripts ') ? [`fact scripts ${base} ${line.slice('scripts '.length)}`] : [],
      ),
    ),
    ...keys.flatMap((file) =>
      linesOf(machine, file).flatMap((line) => {
        const [, key, builder = '', tag] =
          /(\S+)(?: millwright-(\S+))? (millwright:[0-9a-f]{8}:[a-z]+)$/.exec(line) ?? []
        return key && tag ? [`fact key ${key} ${tag} ${builder}`.trimEnd()] : []
      }),
    ),
    ...linesOf(machine, `${dedicated}/nix.conf`).map((line) => `fact fragment ${line}`),
  ]
}
