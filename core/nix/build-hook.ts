/** What `show-config --json` says of a setting: its value, and what it is where nobody sets it. */
interface Shown {
  readonly value?: unknown
  readonly defaultValue?: unknown
}

/**
 * Whether Nix hands builds to another program than its own, or to none: only its own goes by the list of builders
 * (nix.conf(5), build-hook; build-remote.cc). A list of words from 2.9 on. False where Nix does not tell its default.
 */
export function isOtherHook({ value, defaultValue }: Shown): boolean {
  const [words, usual] = [wordsOf(value), wordsOf(defaultValue)]
  if (words === undefined || usual === undefined || words.join(' ') === usual.join(' ')) return false
  // Nix's own of another version, as some systems name it.
  return !words.some((word) => /(^|\/)(__)?build-remote$/.test(word))
}

function wordsOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : undefined
}
