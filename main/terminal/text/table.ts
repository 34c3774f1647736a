import stringWidth from 'string-width'

/** Columns as wide as their widest cell on a terminal, two spaces between. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd()
  return all.map((cells) => `${line(cells)}\n`).join('')
}

/** The same without those columns, first to last, that leave it too wide for a terminal. */
export function fittingTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  dispensable: readonly string[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const text = table(head, rows)
  const [first, ...rest] = dispensable
  const isWide = text.split('\n').some((line) => stringWidth(line) > columns)
  if (!isWide || first === undefined) return text
  const without = (cells: readonly string[]) => cells.filter((_, column) => head[column] !== first)
  return fittingTable(without(head), rows.map(without), rest, columns)
}
