import { describe, expect, it } from 'vitest'
import { hostOf, isSameMachine, portOf } from '../../../core/nix/same-machine'

describe('where a line of a machines file leads', () => {
  it.each([
    ['ssh://anna', 'anna', undefined],
    ['ssh-ng://me@anna.lan:2222?compress=true', 'anna.lan', 2222],
    ['ssh://me@[2001:db8::1]:2222', '2001:db8::1', 2222],
    ['ssh://[2001:db8::1]', '2001:db8::1', undefined],
    ['ssh://anna?port=22', 'anna', undefined],
    ['/store', undefined, undefined],
  ])('is read from %s', (uri, host, port) => {
    expect({ host: hostOf(uri), port: portOf(uri) }).toEqual({ host, port })
  })

  it('is another machine at another port of one address, as behind a router', () => {
    const builder = { hostKeys: [], port: 2201 }
    const at = (port?: number) =>
      isSameMachine({ names: ['office.example'], hostKeys: [], ...(port ? { port } : {}) }, builder, [
        'office.example',
      ])
    expect([at(), at(2201), at(2202)]).toEqual([true, true, false])
  })
})
