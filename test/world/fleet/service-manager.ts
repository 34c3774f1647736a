import type { HostKind } from './accounts'

/** How a kind of host starts and stops what it serves, in words for the POSIX shell. */
export interface ServiceManager {
  /** A file that is there once services can be asked about. */
  readonly sign: string
  /** Ends with 0 once the start is complete and nothing has failed; says what has. */
  readonly settled: string
  readonly restartDaemon: string
  readonly stopSshd: string
  readonly startSshd: string
  /** Undefined where the first process has no way: then it is killed, as such hosts are. */
  readonly reboot: string | undefined
}

const cutConnections = 'pkill -KILL -x "sshd(-session)?" || true'

const systemd: ServiceManager = {
  sign: 'run/systemd/private',
  settled: 'systemctl is-system-running --wait >/dev/null || { systemctl list-units --failed; exit 1; }',
  restartDaemon: 'systemctl restart nix-daemon',
  stopSshd: `systemctl stop ssh; ${cutConnections}`,
  startSshd: 'systemctl start ssh',
  reboot: 'systemctl reboot',
}

const sysv: ServiceManager = {
  sign: 'run/sshd.pid',
  settled: 'test -S /nix/var/nix/daemon-socket/socket',
  restartDaemon: 'service nix-daemon restart',
  stopSshd: `service ssh stop; ${cutConnections}`,
  startSshd: 'service ssh start',
  reboot: 'reboot',
}

const byHand: ServiceManager = {
  sign: 'run/sshd.pid',
  settled: 'test -S /nix/var/nix/daemon-socket/socket',
  restartDaemon: 'service-by-hand stop nix-daemon; service-by-hand start nix-daemon',
  stopSshd: 'service-by-hand stop ssh; pkill -KILL -x sshd || true',
  startSshd: 'service-by-hand start ssh',
  reboot: undefined,
}

/** What runs the services on a kind of host: systemd but where the kind is about having none. */
export function serviceManagerOf(kind: HostKind): ServiceManager {
  if (kind === 'sysv') return sysv
  return kind === 'no-manager' || kind === 'busybox' ? byHand : systemd
}
