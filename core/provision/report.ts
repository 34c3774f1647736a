import { cleanLine, cleanText } from '../text/clean-text'

/** One line that a script of ours printed: `mw-NONCE WORD REST`. */
export interface ReportLine {
  readonly word: string
  readonly rest: string
}

export interface Report {
  readonly lines: readonly ReportLine[]
  /** What else was on standard output, such as text of a login shell's start-up files. */
  readonly noise: string
}

const maxLines = 1000
const maxLetters = 2000

/** The line as ours, cleaned; undefined for anybody else's. The nonce is fresh for each run: nobody guesses it. */
export function parseReportLine(line: string, nonce: string): ReportLine | undefined {
  const prefix = `mw-${nonce} `
  const at = line.indexOf(prefix)
  // A start-up file may print something without ending its line.
  if (at < 0) return undefined
  const [word = '', ...rest] = cleanLine(line.slice(at + prefix.length), maxLetters).split(' ')
  return { word, rest: rest.join(' ') }
}

/** Tells the lines of a script from what its login shell printed. Hostile until parsed: cleaned and capped. */
export function parseReport(stdout: string, nonce: string): Report {
  const found = stdout.split('\n').map((line) => ({ line, ours: parseReportLine(line, nonce) }))
  const noise = found.map(({ line, ours }) => (ours ? line.slice(0, line.indexOf(`mw-${nonce} `)) : line))
  return {
    lines: found.flatMap(({ ours }) => ours ?? []).slice(0, maxLines),
    noise: cleanText(noise.join('\n')).trim(),
  }
}
