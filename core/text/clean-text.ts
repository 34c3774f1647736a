/** What is kept of one stream of a program's output. */
export const maxTextBytes = 64 * 1024

// Not Node’s stripVTControlCharacters: the window has none, and of a sequence that is cut short it leaves half.
// Terminal sequences (ECMA-48): OSC, DCS and their kin up to BEL or ST, then CSI, then two-byte ones.
const stringSequence =
  '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?'
const controlSequence = '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?'
const shortSequence = '\\x1b[ -/]*[0-~]?'
const escapes = new RegExp([stringSequence, controlSequence, shortSequence].join('|'), 'g')
/** Everything else that is not seen, or that reorders what is: controls, bidi and invisible marks. */
const unseen = /[^\P{C}\n\t]|[\u2028\u2029\u115f\u1160\u3164\uffa0]/gu

/**
 * Text of a builder made fit to be shown or copied: no terminal sequence, control, bidi or invisible
 * character, LF only, and no more than its last `maxBytes` bytes of UTF-8, where the error stands.
 */
export function cleanText(text: string, maxBytes = maxTextBytes): string {
  const cleaned = text
    .slice(-4 * maxBytes)
    .replace(escapes, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(unseen, '')
  return lastBytes(cleaned, maxBytes)
}

/** The same for one value inside a sentence: one line, cut with `…`. */
export function cleanLine(text: string, maxLetters = 200): string {
  const line = cleanText(text).replace(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length > maxLetters ? `${letters.slice(0, maxLetters - 1).join('')}…` : line
}

function lastBytes(text: string, maxBytes: number): string {
  const letters = [...text]
  let bytes = 0
  let start = letters.length
  while (start > 0) {
    bytes += utf8Length(letters[start - 1] ?? '')
    if (bytes > maxBytes) break
    start--
  }
  return letters.slice(start).join('')
}

function utf8Length(letter: string): number {
  const point = letter.codePointAt(0) ?? 0
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}
