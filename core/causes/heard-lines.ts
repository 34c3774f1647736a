import { cleanText } from '../text/clean-text'
import type { HeardLine } from './message'

/**
 * What Nix puts before an error of its own or of others (error.cc, build-remote.cc, remote-store.cc, ssh.cc; 2.3–2.36,
 * Lix too). `carries`: what follows may be ssh’s; `isRemote`: the builder’s Nix said what follows.
 */
const prefixes: readonly {
  readonly is: RegExp
  readonly carries?: boolean
  readonly isRemote?: boolean
}[] = [
  { is: /^error(?: \(ignored\))?: / },
  { is: /^cannot build on '[^']+': / },
  { is: /^build of '[^']+' on '[^']+' failed: /, isRemote: true },
  { is: /^(?:cannot open connection to remote store|opening a connection to remote store) '[^']*': / },
  { is: /^failed to start SSH connection to '[^']*': /, carries: true },
  { is: /^cannot connect to '[^']*': /, carries: true },
]

/** Of the programs that ssh and Nix start, what they print is not anybody’s word on the connection. */
const logLine = /^\s+> /
/** The remote `nix-store --serve` (ssh://) ended: then its own error is what the log ends in (legacy-ssh-store.cc). */
const serveEnded = /^\s*error: unexpected end-of-file$/

/** An error of several lines begins on the next one. */
const nixBegins: HeardLine = { text: '', from: 'nix', isRemote: false }

/** Splits what was heard on stderr into lines by who said them. */
export function heardLines(text: string): readonly HeardLine[] {
  const lines = cleanText(text).split('\n')
  const hasServeEnded = lines.some((line) => serveEnded.test(line))
  const heard: HeardLine[] = []
  let isInNix: HeardLine | undefined
  for (const line of lines) {
    const one = line.trim() === 'error:' ? nixBegins : read(line, isInNix, hasServeEnded)
    isInNix = one?.from === 'nix' ? one : line.trim() === '' || one?.from === 'log' ? isInNix : undefined
    if (one && one !== nixBegins) heard.push(one)
  }
  return heard
}

function read(line: string, isInNix: HeardLine | undefined, hasServeEnded: boolean): HeardLine | undefined {
  if (line.trim() === '') return undefined
  if (logLine.test(line)) {
    const said = readPrefixes(line.replace(logLine, ''))
    return hasServeEnded && said.from === 'nix'
      ? { ...said, isRemote: true }
      : { text: line.trim(), from: 'log', isRemote: true }
  }
  const said = readPrefixes(line.trim())
  // An error of several lines goes on indented (error.cc).
  if (said.from === 'other' && isInNix && /^\s{2,}/.test(line))
    return { ...said, from: 'nix', isRemote: isInNix.isRemote }
  return said
}

function readPrefixes(line: string): HeardLine {
  let text = line
  let from: HeardLine['from'] = 'other'
  let isRemote = false
  for (let isMore = true; isMore; ) {
    const prefix = prefixes.find(({ is }) => is.test(text))
    isMore = prefix !== undefined
    if (!prefix) continue
    const rest = text.replace(prefix.is, '')
    if (rest === '') break
    text = rest
    from = prefix.carries === true ? 'other' : 'nix'
    isRemote ||= prefix.isRemote === true || prefix.carries === true
  }
  return { text: text.trim(), from, isRemote }
}
