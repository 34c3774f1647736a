import { describe, expect, it } from 'vitest'
import { storeWithColumns, unmanagedBuilders } from '../../../core/nix/other-lines'

const machine = {
  ...{ uri: 'ssh-ng://nix@legacy', maxJobs: 4, speedFactor: 1 },
  ...{ supportedFeatures: [], mandatoryFeatures: [] },
}
const line = { key: 'a'.repeat(64), file: '/etc/nix/machines', line: 2, machine }

describe('a line of others', () => {
  it('is reached by its own key and pin, as the daemon does', () => {
    expect(storeWithColumns({ ...machine, sshKey: '/root/a key', publicHostKey: 'YW+/Jj==' })).toBe(
      'ssh-ng://nix@legacy?ssh-key=%2Froot%2Fa%20key&base64-ssh-public-host-key=YW%2B%2FJj%3D%3D',
    )
    expect(storeWithColumns({ ...machine, uri: 'ssh://h?remote-program=/x', sshKey: '/k' })).toBe(
      'ssh://h?remote-program=/x&ssh-key=%2Fk',
    )
  })

  it.each(['/srv/store', 'local', 'daemon', 'https://cache', 'ssh://', 'ssh://-oProxyCommand=x'])(
    'is asked nothing as root where it is no machine to log in to: %s',
    (uri) => expect(storeWithColumns({ ...machine, uri })).toBeUndefined(),
  )

  it('is named by its host, with where it stands, and with the builder of ours that it is', () => {
    const [one, hidden, same] = unmanagedBuilders(
      [line, { file: '/root/machines', line: 7 }, { ...line, line: 3 }],
      [{ id: 'anna', file: '/etc/nix/machines', line: 3 }],
    )
    expect(one).toMatchObject({ name: 'legacy', where: '/etc/nix/machines:2' })
    expect(hidden).toEqual({ name: '/root/machines:7', where: '/root/machines:7' })
    expect(same?.builder).toBe('anna')
  })
})
