import { describe, expect, it } from 'vitest'
import { markBuilder } from '../../../main/usecases/status/mark-builder'
import { hostKey } from '../../fakes/keys'

const anna = { id: 'anna', host: '10.0.0.7', port: 22, hostKeys: [hostKey(1), hostKey(2)] }
const north = {
  ...({ address: 'north', label: 'north', source: 'ssh-config', detail: 'me@north.lan' } as const),
  ...{ host: 'north.lan', port: 22, hostKeys: [] as string[] },
}
const mark = (change: Partial<typeof north>) => markBuilder({ ...north, ...change }, [anna], []).builder

describe('a machine within reach', () => {
  it('is the builder that has one of its known keys', () => {
    expect(mark({ hostKeys: [hostKey(2).key] })).toBe('anna')
  })

  it('is the builder that it leads to', () => {
    expect(mark({ host: '10.0.0.7' })).toBe('anna')
  })

  it('is another machine at another port, or with other keys', () => {
    expect(mark({ host: '10.0.0.7', port: 2222 })).toBeUndefined()
    expect(mark({ hostKeys: [hostKey(3).key] })).toBeUndefined()
  })

  it('says no more than the window has to know', () => {
    expect(Object.keys(markBuilder(north, [], []))).toEqual(['address', 'label', 'source', 'detail'])
  })
})
