import { cleanLine } from '../../../../core/text/clean-text'
import type { ShellCommand } from './become-root'

/** What a login says until the script's own shell speaks: greetings, questions of sudo's, or something else. */
export interface ShellWait {
  readonly isOver: () => boolean
  stdout(data: Buffer): void
  stderr(data: Buffer): void
  /** What was on stderr and is no question; bytes as Latin-1. */
  readonly complaints: () => string
  /** The beginning of what was said and is no question, a few KiB of it; bytes as Latin-1. */
  readonly said: () => string
  /** The first line of that which holds a letter, to be quoted; undefined when nothing was said. */
  readonly firstLine: () => string | undefined
}

interface Handlers {
  /** A password is asked for; whose, where the tool says. */
  onQuestion(owner: string | undefined): void
  /** The shell has spoken; `shell` is the login's own, where it is told. What came after belongs to the script. */
  onReady(shell: string | undefined, rest: Buffer): void
  /** More is said than anybody says at a login. */
  onFlood(): void
}

/** Of stdout no more counts than the line being said; of stderr what the result of the script tells. */
const keptOfStdout = 8 * 1024
const keptOfStderr = 64 * 1024
const quotedBytes = 8 * 1024
/** A greeting is a few KiB; what prints this much prints without end. */
const floodBytes = 128 * 1024

/** Listens for the shell of `command`. Hostile until it has spoken, and bounded. */
export function awaitShell(command: ShellCommand, { onQuestion, onReady, onFlood }: Handlers): ShellWait {
  let out = ''
  let err = ''
  let head = ''
  let bytes = 0
  let isOver = false
  let isFlood = false
  let isMarked = command.terminal === undefined
  const ready = new RegExp(`${command.ready}(?: (/\\S*)?)?\n`)

  /** False once that is over which is listened to. */
  const count = (text: string): boolean => {
    if (isFlood) return false
    bytes += text.length
    if (head.length < quotedBytes) head = (head + text).slice(0, quotedBytes)
    isFlood = bytes > floodBytes
    if (isFlood) onFlood()
    return !isFlood
  }
  /** Hands out each question, and returns the text without them. */
  const withoutQuestions = (text: string): string => {
    let rest = text
    for (let found = command.asks?.exec(rest); found; found = command.asks?.exec(rest)) {
      rest = rest.slice(0, found.index) + rest.slice(found.index + found[0].length)
      onQuestion(found[1])
    }
    return rest
  }
  const readTerminal = () => {
    const { terminal } = command
    if (!terminal) return
    const at = out.indexOf(`${terminal.mark}\n`)
    if (!isMarked && at >= 0) {
      isMarked = true
      out = out.slice(at + terminal.mark.length + 1)
      head = out.slice(0, quotedBytes)
    }
    if (isMarked) out = withoutQuestions(out)
  }
  return {
    isOver: () => isOver,
    complaints: () => err,
    said: () => withoutAny(head, command.asks),
    firstLine: () => firstLineOf(withoutAny(head, command.asks)),
    stdout: (data) => {
      const text = data.toString('latin1')
      if (!count(text)) return
      out += text
      readTerminal()
      const found = ready.exec(out)
      if (!found) {
        out = out.slice(-keptOfStdout)
        return
      }
      isOver = true
      onReady(found[1], Buffer.from(out.slice(found.index + found[0].length), 'latin1'))
    },
    stderr: (data) => {
      const text = data.toString('latin1')
      if (!count(text)) return
      err = (err + text).slice(-keptOfStderr)
      if (command.terminal === undefined) err = withoutQuestions(err)
    },
  }
}

function withoutAny(text: string, pattern: RegExp | undefined): string {
  return pattern ? text.replace(new RegExp(pattern.source, 'gm'), '') : text
}

function firstLineOf(latin1: string): string | undefined {
  const lines = Buffer.from(latin1, 'latin1').toString('utf8').split('\n')
  return lines.map((line) => cleanLine(line)).find((line) => /[\p{L}\p{N}]/u.test(line))
}
