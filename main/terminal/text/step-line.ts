import type { StepView } from '../../../contract/job'
import { stepWords } from '../../../core/jobs/words'
import { formatDuration } from '../../../core/text/format'

const marks: Record<StepView['state'], string> = {
  waiting: ' ',
  running: '…',
  done: '✓',
  failed: '✗',
  skipped: '-',
}

/** `✓ Looked around — Debian 13, 16 CPUs (0.3 s)`. */
export function stepLine({ name, state, note, durationMs }: StepView): string {
  const time = durationMs === undefined ? '' : ` (${formatDuration(durationMs)})`
  return `${marks[state]} ${stepWords(name, state)}${note ? ` — ${note}` : ''}${time}`
}
