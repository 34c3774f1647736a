/** ssh_config(5) PATTERNS: one match is needed, and no pattern with `!` may match. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  const matches = (pattern: string) => matchesPattern(pattern, text)
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}

/** `*` and `?` as in ssh_config(5) PATTERNS; walks back to the last star only, so no input is slow. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let position = 0
  while (position < name.length) {
    const wanted = pattern[at]
    if (wanted === '*') {
      star = at++
      resume = position
    } else if (wanted === '?' || wanted === name[position]) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++resume
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}
