import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCapture } from '../../../../main/adapters/ssh/connection/capture'

/** Cuts bytes anywhere, also inside a letter. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
}

const text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '漢', '😀', '\r') })

describe('captured output', () => {
  it('is the same however it comes in, line by line and as a whole', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (said, places) => {
        const lines: string[] = []
        const capture = createCapture(1000, (line) => lines.push(line))
        for (const part of cut(Buffer.from(said), places)) capture.push(part)
        capture.end()
        expect(capture.text()).toBe(said)
        expect(lines).toEqual(said.split('\n').slice(0, said.endsWith('\n') || said === '' ? -1 : undefined))
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps no more than it may, and no half letter', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), fc.nat({ max: 20 }), (said, places, most) => {
        const capture = createCapture(most)
        for (const part of cut(Buffer.from(said), places)) capture.push(part)
        capture.end()
        expect(Buffer.byteLength(capture.text())).toBeLessThanOrEqual(most)
        expect(said.startsWith(capture.text())).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
