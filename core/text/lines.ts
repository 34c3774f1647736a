/** Adds a last line so that `dropLines` gives back every byte: a missing final newline stays missing. */
export function appendLine(text: string, line: string): string {
  return text === '' || text.endsWith('\n') ? `${text}${line}\n` : `${text}\n${line}`
}

/** Takes lines out; every other byte stays. */
export function dropLines(text: string, isDropped: (line: string) => boolean): string {
  return text
    .split('\n')
    .filter((line) => !isDropped(line))
    .join('\n')
}
