import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createOutput } from '../../../main/terminal/output'

/** A stream that takes so many texts and then fails each. */
function failing(code: string, after = 1): Writable {
  let taken = 0
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) =>
      done(taken++ < after ? null : Object.assign(new Error(`${code}: write`), { code })),
  })
}

describe('what a command prints', () => {
  it.each(['EPIPE', 'EIO'])('goes on where nobody reads it any more (%s)', async (code) => {
    const output = createOutput(failing(code))
    for (const text of ['one', 'two', 'three']) output.write(text)
    expect(await output.settled()).toBeUndefined()
  })

  it('is said not to have been written where the disk is full', async () => {
    const output = createOutput(failing('ENOSPC', 0))
    output.write('metrics')
    expect((await output.settled())?.message).toContain('ENOSPC')
  })

  it('is waited for', async () => {
    const taken: string[] = []
    const slow = new Writable({
      write: (chunk, _encoding, done) => {
        taken.push(String(chunk))
        setImmediate(done)
      },
    })
    const output = createOutput(slow)
    for (const text of ['one', 'two']) output.write(text)
    expect(await output.settled()).toBeUndefined()
    expect(taken).toEqual(['one', 'two', ''])
  })
})
