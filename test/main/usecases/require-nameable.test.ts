import { describe, expect, it } from 'vitest'
import type { RemoteHost } from '../../../main/ports/ssh'
import { requireNameable } from '../../../main/usecases/steps/require-nameable'

const through = (user: string, host = 'gate'): Pick<RemoteHost, 'host' | 'jump'> => ({
  host: 'anna.lan',
  jump: { host, port: 22, user, hostKeys: [] },
})

describe('a machine that was logged in to', () => {
  it.each(['first.last', 'BuildUser', 'wks-042$'])('may lie behind one that lets in %s', (user) => {
    expect(() => requireNameable(through(user))).not.toThrow()
  })

  it('is refused by the login name that root’s files cannot hold', () => {
    expect(() => requireNameable(through('ja ne'))).toThrow(
      expect.objectContaining({
        failure: { code: 'REMOTE_USER_UNFIT', facts: { user: 'ja ne', host: 'gate' } },
      }),
    )
  })

  it.each(['fe80::1%eth0', 'localhost', 'my host'])('is refused by the address %s', (address) => {
    const facts = { address, problem: 'bad-host' }
    const refusal = expect.objectContaining({ failure: { code: 'ADDRESS_INVALID', facts } })
    expect(() => requireNameable({ host: address })).toThrow(refusal)
    expect(() => requireNameable(through('me', address))).toThrow(refusal)
  })
})
