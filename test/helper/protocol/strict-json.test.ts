import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../../helper/protocol/strict-json'

describe('JSON for the helper', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('may repeat a key in another object, and a value anywhere', () => {
    const text = '{"a":{"b":1},"b":["a","a",{"a":"a"}],"c":"b"}'
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":{},"a":1}',
    '{"a":[{"b":1,"b":2}]}',
    '{"x":"}","a":1,"a":2}',
    '{"op":"status","\\u006fp":"uninstall"}',
    '{ "a" : [ "a" , { } ] , "b" : "\\"" , "a" : 2 }',
  ])('may not have a key twice in one: %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(/stands twice/)
  })

  it('never holds a key twice, wherever it was put', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.string(), fc.jsonValue()), {
      minLength: 1,
      selector: ([key]) => key,
    })
    fc.assert(
      fc.property(entries, fc.nat(), fc.jsonValue(), (list, at, value) => {
        const [key = ''] = list[at % list.length] ?? []
        const texts = [...list, [key, value] as const].map(
          ([k, one]) => `${JSON.stringify(k)}:${JSON.stringify(one)}`,
        )
        expect(() => parseStrictJson(`[{${texts.join(',')}}]`)).toThrow(SyntaxError)
      }),
      { numRuns: 1000 },
    )
  })
})
