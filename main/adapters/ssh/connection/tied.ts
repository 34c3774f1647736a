import type { Terminal } from './become-root'

/**
 * Ties a script to the connection: when stdin ends before it does, all of its processes are ended, which no signal
 * of ours could do to root's. One compound command, because a shell reads that whole before it runs any of it:
 * a script cut short on its way does nothing. On a terminal, which knows no end, a line stands for it.
 */
export function tied(script: string, terminal?: Terminal): string {
  const untilEnd = terminal
    ? `while IFS= read -r line; do [ "$line" = ${terminal.stop} ] && break; done <&3`
    : 'cat <&3'
  return `{
exec 3<&0
{
${script}
} </dev/null 3<&- &
script=$!
{ ${untilEnd}; kill -TERM 0; } >/dev/null 2>&1 &
tie=$!
wait "$script"
status=$?
kill "$tie" 2>/dev/null
exit "$status"
}
${terminal ? `${terminal.start}\n` : ''}`
}
