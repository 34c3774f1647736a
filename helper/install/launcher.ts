/**
 * The first lines of each program: to sh(1) what they say, to Node a comment. What a caller's shell gave itself, pkexec(1)
 * and sudo(8) hand down: limits (setrlimit(2)), the control group, which its owner may freeze or starve, and how ready the
 * kernel is to kill it (proc(5), oom_score_adj). Root's are set here, before Node starts, as Node cannot. Where they
 * cannot be lifted, as in a container without CAP_SYS_RESOURCE, root changes nothing: a limit would end it halfway.
 * NixOS has its programs in the last folder of PATH alone.
 */
export function launcher(prefix: string, program: string): string {
  const refusal = JSON.stringify({
    ...{ type: 'result', code: 'NEEDS_ATTENTION', reason: 'limits-held' },
    detail: 'Whoever called it has set limits (ulimit) that root cannot lift here, so nothing was changed.',
  })
  return `#!/bin/sh
':' /*
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin
held=no
trap '' XFSZ
{
  ulimit -c 0
  for limit in f t v d; do ulimit -$limit unlimited || held=yes; done
  for limit in m u p; do ulimit -$limit unlimited; done
  ulimit -s 8192; ulimit -H -s unlimited
  ulimit -n 1024 || ulimit -n 256 || held=yes
  ulimit -H -n 524288
  if [ -r /proc/1/cgroup ]; then
    echo 0 >/proc/self/oom_score_adj
    while IFS=: read -r number _ group; do
      [ "$number" != 0 ] || echo 0 >"/sys/fs/cgroup$group/cgroup.procs"
    done </proc/1/cgroup
  else held=no
  fi
} 2>/dev/null
if [ "$held" = yes ] && [ "$(id -u)" = 0 ]; then
  printf '%s\\n' '${refusal}'
  exit 1
fi
unset NODE_OPTIONS NODE_PATH
exec ${prefix}/node ${prefix}/${program} "$@"
*/
`
}
