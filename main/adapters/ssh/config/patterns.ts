/** ssh_config(5) PATTERNS: one match is needed, and no pattern with `!` may match. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  const matches = (pattern: string) => matchesPattern(pattern, text)
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}

/** Most patterns are plain names, and a file may hold hundreds of them. */
function matchesPattern(pattern: string, text: string): boolean {
  return /[*?]/.test(pattern) ? toRegExp(pattern).test(text) : pattern === text
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[^*?]/g, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su')
}
