/** One word of a POSIX shell, whatever it holds. Throws on NUL, which no argument can carry. */
export function shellQuote(word: string): string {
  if (word.includes('\0')) throw new RangeError('A shell word cannot hold NUL.')
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** The same for people to read and copy: quotes only where they are needed. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+:,./][A-Za-z0-9_@%+=:,./-]*$/.test(word) ? word : shellQuote(word)
}
