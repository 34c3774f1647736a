import { describe, expect, it } from 'vitest'
import type { Handlers } from '../../../contract/api'
import { commandInputs } from '../../../contract/commands'
import { fail } from '../../../main/failures'
import { answerCall } from '../../../main/shell/answer-call'

/** Handlers that answer what they were given; the one that fails does so by throwing. */
function echo(): Handlers {
  const names = Object.keys(commandInputs)
  const entries = names.map((name) => [name, async (value: unknown) => ({ ok: true, value })])
  return { ...Object.fromEntries(entries), 'look-around': async () => fail('UNREACHABLE', { host: 'anna' }) }
}

describe('a call from the window', () => {
  it('reaches its handler with the parsed input', async () => {
    expect(await answerCall(echo(), 'pause-builder', { id: 'anna' })).toEqual({
      ok: true,
      value: { id: 'anna' },
    })
  })

  it.each([
    ['no such command', 'drop-builder', {}],
    ['a name of Object’s own', 'constructor', {}],
    ['a name that is no text', 7, {}],
    ['no input', 'pause-builder', undefined],
    ['a missing field', 'pause-builder', {}],
    ['a field too many', 'pause-builder', { id: 'anna', sudo: true }],
    ['an id that is a path', 'pause-builder', { id: '../anna' }],
    ['an id with a line break', 'pause-builder', { id: 'anna\n' }],
    ['an answer of no kind', 'answer', { jobId: 'a', questionId: 'b', answer: { kind: 'maybe' } }],
  ])('is refused as data when it has %s', async (_what, name, input) => {
    expect(await answerCall(echo(), name, input)).toMatchObject({
      ok: false,
      failure: { code: 'INVALID_INPUT' },
    })
  })

  it('never repeats a value in a refusal, as it may be a secret', async () => {
    const input = {
      jobId: 'NOT OK',
      questionId: 'b',
      answer: { kind: 'secret', secret: 'hunter2', extra: 'hunter2' },
    }
    expect(JSON.stringify(await answerCall(echo(), 'answer', input))).not.toContain('hunter2')
  })

  it('gets what a handler throws as its failure', async () => {
    expect(await answerCall(echo(), 'look-around', {})).toEqual({
      ok: false,
      failure: { code: 'UNREACHABLE', facts: { host: 'anna' } },
    })
  })
})
