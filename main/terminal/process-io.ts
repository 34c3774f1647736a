import { text } from 'node:stream/consumers'
import type { Io } from './io'
import { createPrompt } from './prompt'
import { canDrawOver, createScreen } from './screen'

/** The Io of this process; it asks on stderr, so that stdout stays the command's own output. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessTerminalIsGone)
  return {
    out: (line) => void process.stdout.write(line),
    err: (line) => void process.stderr.write(line),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    ...(canDrawOver(process.stdout, process.env) ? { screen: createScreen(process.stdout) } : {}),
    readInput: () => text(process.stdin),
    prompt: createPrompt(process.stdin, process.stderr),
  }
}

/** A terminal that was closed takes nothing any more (write(2), EIO): what a job takes back then nobody reads, but it goes on. */
function unlessTerminalIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EIO') throw error
}
