import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { readMismatch } from '../../../core/causes/library-messages'

const kex = join(dirname(createRequire(import.meta.url).resolve('ssh2')), 'protocol/kex.js')
const said = [...readFileSync(kex, 'utf8').matchAll(/'(Handshake failed: no matching [^']+)'/g)].map(
  ([, text = '']) => text,
)

it('knows each mismatch that the library itself can tell', () => {
  expect(said.length).toBeGreaterThan(6)
  expect(said.filter((text) => readMismatch(text) === undefined)).toEqual([])
  expect(readMismatch('Handshake failed: no matching host key format')).toBe('HOST_KEY_TYPE_REFUSED')
})

it.each(['Handshake failed: signature verification failed', 'no matching host key format', ''])(
  'takes nothing of %j',
  (text) => {
    expect(readMismatch(text)).toBeUndefined()
  },
)
