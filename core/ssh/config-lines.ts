/** One line of ssh_config(5) that says something. */
export interface ConfigLine {
  /** 1-based */
  readonly line: number
  /** Lower case. */
  readonly keyword: string
  readonly words: readonly string[]
  /** As it stands in the file. */
  readonly raw: string
}

/** The lines of ssh_config(5), split as ssh does it (readconf.c, argv_split in misc.c); a quote without end is none. */
export function parseConfigLines(text: string): ConfigLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const [, keyword = '', rest = ''] = /^[\s"]*([^\s="#]+)"?\s*=?(.*)$/s.exec(raw) ?? []
    if (keyword === '') return []
    return [{ line: index + 1, keyword: keyword.toLowerCase(), words: splitWords(rest), raw }]
  })
}

/** Words between spaces; quotes hold them together, a backslash only what would end or split one; `#` ends the line. */
function splitWords(text: string): string[] {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++
    if (at >= text.length || text[at] === '#') break
    const { word, end } = readWord(text, at)
    words.push(word)
    at = end
  }
  return words
}

function readWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = ''
  let quote = ''
  let at = start
  for (; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '\\' && /['"\\]/.test(text.charAt(at + 1))) word += text.charAt(++at)
    else if (letter === '\\' && quote === '' && text[at + 1] === ' ') word += text.charAt(++at)
    else if (quote === '' && /\s/.test(letter)) break
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter
    else if (quote !== '' && letter === quote) quote = ''
    else word += letter
  }
  return { word, end: at }
}

/** One question of a `Match` line. */
export interface MatchCriterion {
  /** Lower case, without `!`. */
  readonly asks: string
  readonly isNegated: boolean
  /** Absent for `all`, `canonical` and `final`. */
  readonly value?: string
}

const bare = ['all', 'canonical', 'final']

/** The questions of a `Match` line, also in the form `host=NAME` of newer OpenSSH. */
export function parseMatch(words: readonly string[]): MatchCriterion[] {
  const found: MatchCriterion[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const isNegated = word.startsWith('!')
    const [asked = '', ...joined] = word.slice(isNegated ? 1 : 0).split('=')
    const asks = asked.toLowerCase()
    if (bare.includes(asks)) found.push({ asks, isNegated })
    else found.push({ asks, isNegated, value: joined.length > 0 ? joined.join('=') : (words[++at] ?? '') })
  }
  return found
}
