import { describe, expect, it } from 'vitest'
import { countSlots, lockHolders, slotName } from '../../../core/nix/slots'

const locks = `1: FLOCK  ADVISORY  WRITE 812 00:2f:101 0 EOF
1: -> FLOCK  ADVISORY  WRITE 813 00:2f:102 0 EOF
2: POSIX  ADVISORY  WRITE 814 08:01:103 0 EOF
3: FLOCK  ADVISORY  READ 815 08:01:104 0 EOF
4: FLOCK  ADVISORY  WRITE -1 fe:01:105 0 EOF
`

describe('Nix’s job slots', () => {
  it('bear the name of the builder’s URI', () => {
    expect(slotName({ id: 'anna', protocol: 'ssh-ng' })).toBe('ssh-ng:__millwright-anna')
  })

  it('are taken when flocked for writing, not when only waited for or locked otherwise', () => {
    expect([...lockHolders(locks)]).toEqual([
      [101, 812],
      [105, -1],
    ])
  })

  it('are counted by builder, without its upload lock or another builder of a longer name', () => {
    const files = [
      { name: 'ssh-ng:__millwright-anna-0', inode: 101 },
      { name: 'ssh-ng:__millwright-anna-1', inode: 105 },
      { name: 'ssh-ng:__millwright-anna-2', inode: 7 },
      { name: 'ssh-ng:__millwright-anna-x-0', inode: 105 },
      { name: 'ssh-ng:__millwright-anna.upload-lock', inode: 101 },
      { name: 'main-lock', inode: 101 },
    ]
    const counts = countSlots(files, lockHolders(locks))
    expect(counts.get('ssh-ng:__millwright-anna')).toBe(2)
    expect([...counts.keys()]).toEqual(['ssh-ng:__millwright-anna', 'ssh-ng:__millwright-anna-x'])
  })
})
