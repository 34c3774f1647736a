import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtBy, errorsIn } from '../../../helper/operations/nix-log'

const drv = '/nix/store/abc-proof.drv'
const start = (machine: string, path = drv) =>
  `@nix ${JSON.stringify({ action: 'start', id: 1, level: 3, text: '', type: 105, fields: [path, machine, 1, 1] })}`

describe('Nix’s own log', () => {
  it('says where a derivation was sent, whatever the builder says of itself', () => {
    expect(builtBy([start('ssh-ng://millwright-a'), start('')].join('\n'), drv)).toBe('ssh-ng://millwright-a')
  })

  it('names no machine for a build here, or for another derivation', () => {
    expect(builtBy(start(''), drv)).toBeUndefined()
    expect(builtBy(start('ssh-ng://millwright-a', '/nix/store/x.drv'), drv)).toBeUndefined()
    expect(builtBy('', drv)).toBeUndefined()
  })

  it('gives errors and what others wrote, without the rest', () => {
    const log = [
      start('x'),
      'Permission denied (publickey)',
      '@nix {"action":"msg","level":0,"msg":"error: no"}',
      '@nix {"action":"msg","level":3,"msg":"this derivation will be built:"}',
      '@nix {"action":"ms',
    ]
    expect(errorsIn(log.join('\n'))).toBe('Permission denied (publickey)\nerror: no')
  })

  it('may hold anything', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (parts) => {
        const log = parts.map((part) => `@nix ${part}`).join('\n')
        expect(builtBy(log, drv)).toBeUndefined()
        expect(typeof errorsIn(log)).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})
