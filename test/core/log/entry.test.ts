import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogFields } from '../../../core/log/entry'
import { logLine } from '../../../core/log/entry'
import { errorFields, failureFields } from '../../../core/log/error-fields'

const atMs = Date.UTC(2026, 10, 26)

describe('a line of the log', () => {
  it('is the time, the level, what happened and its fields', () => {
    const fields: LogFields = {
      builder: 'anna',
      kind: 'add',
      state: 'failed',
      code: 'REMOTE_DISK_FULL',
      ms: 1204,
    }
    expect(logLine(atMs, 'job-ended', fields)).toBe(
      '2026-11-26T00:00:00.000Z info job-ended kind=add builder=anna state=failed code=REMOTE_DISK_FULL ms=1204',
    )
  })

  it('leaves out whatever has not the form of its field', () => {
    const typed = fc.string({ unit: 'grapheme' }).filter((text) => !/^[\w-]*$/.test(text))
    fc.assert(
      fc.property(typed, (text) => {
        for (const name of ['version', 'job', 'builder', 'code', 'error', 'reason', 'process'] as const) {
          if (/^[A-Za-z][A-Za-z -]*$/.test(text) && (name === 'reason' || name === 'process')) continue
          const fields = { [name]: text } as LogFields
          expect(logLine(atMs, 'job-ended', fields)).toBe(`2026-11-26T00:00:00.000Z info job-ended ${name}=?`)
        }
      }),
    )
  })

  it('is one line whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\u2028', '=') }), (text) => {
        const fields = { reason: text, at: [text], job: text } as LogFields
        expect(logLine(atMs, 'renderer-gone', fields)).not.toMatch(/[\n\r\u2028]/)
      }),
    )
  })
})

describe('an error', () => {
  const secret = 'correct horse battery'

  it('is logged by its kind and the places in our code, never by its message', () => {
    const error = new TypeError(`the password is ${secret}\n    at ${secret}`)
    const fields = errorFields(error)
    expect(fields.error).toBe('TypeError')
    expect(fields.at?.[0]).toMatch(/^entry\.test\.ts:\d+:\d+$/)
    expect(logLine(atMs, 'uncaught-exception', fields)).not.toMatch(/correct|horse|battery/)
  })

  it('of the system is logged by its number’s name', () => {
    expect(errorFields(Object.assign(new Error(secret), { code: 'ENOSPC' })).error).toBe('ENOSPC')
    expect(errorFields(Object.assign(new Error(secret), { code: secret, name: secret })).error).toBe('Error')
    expect(errorFields(secret)).toEqual({ error: 'Error' })
  })

  it('that became a failure is logged by its code and step', () => {
    const failure = {
      code: 'SUDO_PASSWORD_WRONG',
      facts: { user: secret },
      detail: secret,
      step: 'inspect',
    } as const
    expect(failureFields(failure)).toEqual({ code: 'SUDO_PASSWORD_WRONG', step: 'inspect' })
    expect(failureFields({ ...failure, step: secret })).toEqual({ code: 'SUDO_PASSWORD_WRONG' })
  })
})
