import { logLine } from '../../core/log/entry'
import type { Log } from '../../main/ports/log'

/** A log in memory, each line as the file would have it. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  return { lines, write: (event, fields) => void lines.push(logLine(0, event, fields)) }
}
