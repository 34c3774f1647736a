import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createPrompt } from '../../../main/terminal/prompt'

function asking(hidden: boolean) {
  const input = new PassThrough()
  const output = new PassThrough()
  let shown = ''
  output.on('data', (bytes) => {
    shown += bytes
  })
  const answer = createPrompt(input, output)('Password: ', hidden)
  return { input, answer, shown: () => shown }
}

describe('a prompt', () => {
  test('takes one line, and shows nothing of a hidden one', async () => {
    const { input, answer, shown } = asking(true)
    input.write('correct horse\r')
    expect(await answer).toBe('correct horse')
    expect(shown()).toBe('Password: \n')
  })

  test('shows what is typed where it is not hidden', async () => {
    const { input, answer, shown } = asking(false)
    input.write('yes\r')
    expect(await answer).toBe('yes')
    expect(shown()).toContain('yes')
  })

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('ends with %s', async (_name, key) => {
    const { input, answer } = asking(true)
    input.write(key)
    await expect(answer).rejects.toThrow('cancelled')
  })

  test('ends when there is no more input', async () => {
    const { input, answer } = asking(false)
    input.end()
    await expect(answer).rejects.toThrow('cancelled')
  })
})
