import cliTruncate from 'cli-truncate'

/**
 * Text cut to a terminal of that size: no line wraps, and the whole leaves the cursor on screen, so that it can be
 * drawn over. What has no room is counted in the last line.
 */
export function liveText(text: string, columns: number, rows: number): readonly string[] {
  const all = text.replace(/\n$/, '').split('\n')
  const room = Math.max(2, rows - 1)
  const hidden = all.length > room ? all.length - room + 1 : 0
  const kept = hidden > 0 ? [...all.slice(0, room - 1), `… and ${hidden} more lines`] : all
  return kept.map((line) => cliTruncate(line, Math.max(1, columns - 1)))
}
