import { StringDecoder } from 'node:string_decoder'

/** One stream of a program's output: its beginning, and its whole lines as they come. */
export interface Capture {
  push(data: Buffer): void
  /** Hands out a last line that has no newline. */
  end(): void
  text(): string
}

/** Keeps the first `maximumBytes` of UTF-8, never half a letter; a line is handed out no longer than that. */
export function createCapture(maximumBytes: number, onLine?: (line: string) => void): Capture {
  const decoder = new StringDecoder('utf8')
  let kept = ''
  let keptBytes = 0
  let isFull = false
  let line = ''
  const take = (text: string) => {
    keep(text)
    if (!onLine) return
    const [first = '', ...rest] = text.split('\n')
    line = (line + first).slice(0, maximumBytes)
    for (const next of rest) {
      onLine(line)
      line = next.slice(0, maximumBytes)
    }
  }
  const keep = (text: string) => {
    if (isFull) return
    const bytes = Buffer.byteLength(text)
    isFull = keptBytes + bytes > maximumBytes
    const part = isFull ? cut(text, maximumBytes - keptBytes) : text
    kept += part
    keptBytes += Buffer.byteLength(part)
  }
  return {
    push: (data) => take(decoder.write(data)),
    end: () => {
      take(decoder.end())
      if (line !== '') onLine?.(line)
      line = ''
    },
    text: () => kept,
  }
}

function cut(text: string, bytes: number): string {
  return new StringDecoder('utf8').write(Buffer.from(text).subarray(0, bytes))
}
