/** ssh_config(5) PATTERNS: one match is needed, and no pattern with `!` may match. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  const matches = (pattern: string) => toRegExp(pattern).test(text)
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[^*?]/g, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su')
}
