import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLine, cleanText } from '../../../core/text/clean-text'
import { shellQuote, shellWord } from '../../../core/text/shell-quote'
import { hostile, thousand } from '../../fixtures/arbitraries'

const nasty = fc
  .array(
    fc.oneof(
      hostile,
      fc.constantFrom(
        '\x1b',
        '[31m',
        '\x1b]0;title\x07',
        '\x1bP',
        '\x9b1A',
        '\u202e',
        '\u2066',
        '\r',
        '\u{e0041}',
        '\ud83d',
        '😀',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('cleaned text', () => {
  it('holds nothing that moves the cursor, hides or reorders', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(cleanText(text)).not.toMatch(/[^\P{C}\n\t]/u)
      }),
      thousand,
    )
  })

  it('is not changed by cleaning it again', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text))
      }),
      thousand,
    )
  })

  it('is what plain text was', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ09 \n\t.:/äß→😀') }), (text) => {
        expect(cleanText(text)).toBe(text)
      }),
      thousand,
    )
  })

  it('keeps the end, within its bytes', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 0, max: 64 }), (text, maxBytes) => {
        const cut = cleanText(text, maxBytes)
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
      }),
      thousand,
    )
    expect(cleanText('first\nlast', 4)).toBe('last')
    expect(Buffer.byteLength(cleanText('ä'.repeat(200_000)))).toBe(65_536)
  })

  it('loses colours, titles and carriage returns, not the words between', () => {
    expect(cleanText('\x1b[1;31merror:\x1b[0m \x1b]0;title\x07no space\r\nleft\x9b2K')).toBe(
      'error: no space\nleft',
    )
    expect(cleanText('\x1b]0;never ended\nthe error')).toBe('\nthe error')
  })

  it('as a line is one line, short', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const line = cleanLine(text)
        expect(line).not.toMatch(/[\n\t]/)
        expect([...line].length).toBeLessThanOrEqual(200)
      }),
      thousand,
    )
  })
})

describe('a quoted shell word', () => {
  it('reaches a program as it was, in one run of a real shell', () => {
    const words = fc.sample(
      fc
        .oneof(hostile, fc.string({ unit: 'binary' }))
        .filter((word) => !word.includes('\0') && !/\p{Cs}/u.test(word)),
      500,
    )
    for (const quote of [shellQuote, shellWord]) {
      const script = `printf '%s\\0' ${words.map(quote).join(' ')}`
      const output = execFileSync('/bin/sh', ['-s'], { input: script, maxBuffer: 1e9 }).toString()
      expect(output.split('\0').slice(0, -1)).toEqual(words)
    }
  })

  it('cannot hold NUL', () => {
    expect(() => shellQuote('a\0b')).toThrow(RangeError)
  })

  it('is left plain for reading where it can be', () => {
    expect(shellWord('admin@otto.lan')).toBe('admin@otto.lan')
    expect(shellWord('~/x')).toBe("'~/x'")
    expect(shellWord('')).toBe("''")
    expect(shellWord('a=b')).toBe('a=b')
  })
})
