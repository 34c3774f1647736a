/** Splits as Nix's tokenizeString does: at any run of separators, with no empty word (util.cc). */
export function tokenize(text: string, separators: RegExp = /[ \t\r\n]+/): string[] {
  return text.split(separators).filter((word) => word !== '')
}

/** Everything before the first `#`; Nix knows no way to escape one. */
export function stripComment(line: string): string {
  const hash = line.indexOf('#')
  return hash < 0 ? line : line.slice(0, hash)
}
