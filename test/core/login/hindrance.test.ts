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

const sshdOf = (user: string, settings: Readonly<Record<string, string>>) => ({
  address: '10.0.0.2',
  host: '10.0.0.2',
  isAnother: false,
  settings: Object.entries(settings).map(([name, value]) => ({ user, name, values: [value] })),
})

it('nologin(5) counts as that SSH server reads it: without PAM, the one file alone', () => {
  const closed = (nologin: string, usepam: string) =>
    whatHindersBuilds(someFacts({ nologin, sshd: sshdOf('nixremote', { usepam }) }), dedicated)?.code
  expect(closed('/run/nologin: Back at noon', 'yes')).toBe('REMOTE_NOLOGIN')
  expect(closed('/run/nologin: Back at noon', 'no')).toBeUndefined()
  expect(closed('/etc/nologin: Back at noon', 'no')).toBe('REMOTE_NOLOGIN')
})

it('keys that others could change are in the way of their user alone, where that SSH server is strict', () => {
  const keysUnsafe = [{ user: 'solo', reason: '/home/solo can be changed by others than its owner' }]
  const found = (user: string, strictmodes: string) =>
    whatHindersBuilds(someFacts({ keysUnsafe, sshd: sshdOf(user, { strictmodes }) }), {
      user,
      folder: `/home/${user}/.local/share/millwright`,
    })
  expect(found('solo', 'yes')).toEqual({
    code: 'REMOTE_SSHD_REFUSES',
    facts: {
      user: 'solo',
      reason:
        '“StrictModes yes” takes no key of solo while /home/solo can be changed by others than its owner',
    },
  })
  expect(found('solo', 'no')).toBeUndefined()
  expect(found('otto', 'yes')).toBeUndefined()
})

it('a folder is not taken for another whose name goes on', () => {
  const facts = someFacts({ noexec: ['/home/sol'] })
  expect(whatHindersBuilds(facts, { user: 'solo', folder: '/home/solo/.local' })).toBeUndefined()
})
