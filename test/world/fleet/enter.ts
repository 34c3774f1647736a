import { join } from 'node:path'
import type { HostKind } from './accounts'
import type { EnterOptions } from './host'
import { inCgroup } from './process'

export const cleanPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs the rest as $0 in its home, with what passwd(5) says of it in the environment and nothing else there. */
const become = `home=$(getent passwd "$0" | cut -d: -f6)
cd "$home" 2>/dev/null || cd /
exec setpriv --reuid="$0" --regid="$(id -g "$0")" --init-groups --reset-env "$@"`

/** The same where busybox is all there is; `machine/kind.sh` has put the one program that it lacks aside. */
const becomeByBusybox = become
  .replace('getent passwd "$0"', 'grep "^$0:" /etc/passwd')
  .replace('setpriv', '/opt/entrance/setpriv')

/** The argument vector that runs a program on a host, as a member of the host's control groups. */
export function enterHost(
  { kind, cgroup, pid }: { readonly kind: HostKind; readonly cgroup: string; readonly pid: number },
  argv: readonly string[],
  {
    user = 'root',
    cwd,
    env = {},
    group = join(cgroup, 'entered'),
  }: EnterOptions & { readonly group?: string },
): string[] {
  const pairs = Object.entries({ PATH: cleanPath, LANG: 'C.UTF-8', ...env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const start = kind === 'busybox' ? becomeByBusybox : become
  const inner = [
    'sh',
    '-c',
    start,
    user,
    ...(cwd === undefined ? [] : ['sh', '-c', goTo, cwd]),
    'env',
    ...pairs,
    ...argv,
  ]
  return [...inCgroup(group), 'nsenter', '-t', String(pid), '-a', ...inner]
}

const goTo = 'cd "$0" && exec "$@"'
