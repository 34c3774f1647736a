import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Asks for one line, which `hidden` does not echo. Rejects with an AbortError on Ctrl-C and when there is no more
 * input, on which the libraries for it (read, @inquirer/password) wait without end.
 */
export function createPrompt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
  return (question: string, hidden: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      output.write(question)
      const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
      const lines = createInterface({ input, output: hidden ? silence : output, terminal: true })
      lines.once('line', (line) => {
        resolve(line)
        lines.close()
      })
      // After an answer this changes nothing any more.
      lines.once('close', () => {
        if (hidden) output.write('\n')
        reject(new DOMException('cancelled', 'AbortError'))
      })
    })
}
