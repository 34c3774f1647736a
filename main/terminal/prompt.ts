import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Asks for one line, which `hidden` does not echo. Rejects with an AbortError on Ctrl-C and when there is no more
 * input, on which the libraries for it (read, @inquirer/password) wait without end.
 */
export function createPrompt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
  return (question: string, hidden: boolean, signal?: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      output.write(question)
      const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
      const lines = createInterface({
        input,
        output: hidden ? silence : output,
        terminal: true,
        ...(signal ? { signal } : {}),
      })
      let isAnswered = false
      lines.once('line', (line) => {
        isAnswered = true
        resolve(line)
        lines.close()
      })
      // After an answer this changes nothing any more.
      lines.once('close', () => {
        // What comes next is not to stand in the line of a question that nobody has ended.
        if (hidden || !isAnswered) output.write('\n')
        reject(new DOMException('cancelled', 'AbortError'))
      })
    })
}
