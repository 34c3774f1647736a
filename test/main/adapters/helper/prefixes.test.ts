import { expect, it } from 'vitest'
import { helperPrefixes } from '../../../../main/adapters/helper/helper'

it('a program of Nix’s store has its own helper in the same path, before the usual places', () => {
  const own = '/nix/store/0123456789abcdfghijklmnpqrsvwxyz-millwright-0.1.0'
  const [first, ...rest] = helperPrefixes(`${own}/lib/millwright/app/out/main`)
  expect(first).toBe(`${own}/libexec/millwright`)
  expect(rest).toEqual(helperPrefixes('/opt/Millwright/resources/app.asar/out/main'))
})

it('no other program chooses where root’s programs are', () => {
  for (const folder of ['/home/dev/nix/store/x/out/main', '/tmp', '/nix/stored/x', ''])
    expect(helperPrefixes(folder).every((prefix) => /^\/(usr\/lib|Library)\//.test(prefix))).toBe(true)
})
