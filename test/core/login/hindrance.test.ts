import { expect, it } from 'vitest'
import { whatHindersBuilds } from '../../../core/login/hindrance'
import { someFacts } from '../../fixtures/facts'
import { plan } from '../../fixtures/provisioning'

const dedicated = { user: 'nixremote', folder: '/var/lib/millwright' }

it.each([
  [{ nologin: '/etc/nologin: Back at noon' }, 'REMOTE_NOLOGIN', { said: '/etc/nologin: Back at noon' }],
  [{ noexec: ['/home/admin', '/var/lib'] }, 'REMOTE_NOEXEC', { path: '/var/lib' }],
] as const)(
  'what was seen to be in the way of builds is said before a plan is made: %o',
  (found, code, facts) => {
    const seen = someFacts('noexec' in found ? { noexec: [...found.noexec] } : found)
    expect(whatHindersBuilds(seen, dedicated)).toEqual({ code, facts })
    expect(plan(seen)).toMatchObject({ ok: false, failure: { code, facts } })
  },
)

it('a file system that others lie on is in nobody’s way', () => {
  expect(whatHindersBuilds(someFacts({ noexec: ['/home/admin'] }), dedicated)).toBeUndefined()
  expect(plan(someFacts({ noexec: ['/home/admin'] })).ok).toBe(true)
})
