import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMachines } from '../../../core/nix/machines'
import { giveLinesBack, takeLine } from '../../../core/nix/other-lines'
import { builderId, messyText, thousand } from '../../fixtures/arbitraries'

const none = () => false

describe('a line that is taken over', () => {
  it('is a comment to every Nix, and the lines beside it are as they were', () => {
    const text = 'ssh://a x86_64-linux # one\nssh-ng://b x86_64-linux /k 1 # two\r\nssh://c'
    const taken = takeLine(text, 2, 'otto') ?? ''
    for (const dialect of ['old', 'new'] as const) {
      const { machines, problems } = parseMachines(taken, dialect)
      expect(machines.map(({ uri }) => uri)).toEqual(['ssh://a', 'ssh://c'])
      expect(problems).toEqual([])
    }
    expect(takeLine(text, 4, 'otto')).toBeUndefined()
    expect(takeLine('ssh://a ; ssh://b', 1, 'otto')).toBeUndefined()
  })

  it('comes back to the byte, whatever the file holds and in whatever order', () => {
    const line = fc.nat(9)
    fc.assert(
      fc.property(messyText, line, line, builderId, builderId, (text, one, other, id, second) => {
        const taken = takeLine(text, one + 1, id) ?? text
        const both = takeLine(taken, other + 1, second) ?? taken
        const isTwice = one === other || id === second
        if (!isTwice)
          expect(
            giveLinesBack(
              giveLinesBack(both, (known) => known === second),
              none,
            ),
          ).toBe(text)
        expect(giveLinesBack(taken, none)).toBe(text)
        expect(giveLinesBack(taken, (known) => known === id)).toBe(taken)
      }),
      thousand,
    )
  })
})
