import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Io, Screen } from './io'

/** The Io of this process. */
export function processIo(): Io {
  const live = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR
  return {
    out: (line) => void process.stdout.write(line),
    err: (line) => void process.stderr.write(line),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    live,
    ...(live ? { screen } : {}),
    readInput: () => text(process.stdin),
    prompt,
  }
}

const screen: Screen = {
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  onResize: (listener) => {
    process.stdout.on('resize', listener)
    return () => process.stdout.off('resize', listener)
  },
}

/** Asks on stderr, so that stdout stays the command's own output. */
function prompt(question: string, hidden: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    process.stderr.write(question)
    const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({
      input: process.stdin,
      output: hidden ? silence : process.stderr,
      terminal: true,
    })
    lines.once('SIGINT', () => {
      lines.close()
      reject(new DOMException('cancelled', 'AbortError'))
    })
    lines.once('line', (line) => {
      lines.close()
      if (hidden) process.stderr.write('\n')
      resolve(line)
    })
  })
}
