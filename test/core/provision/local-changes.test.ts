import { describe, expect, it } from 'vitest'
import { localChanges } from '../../../core/provision/local-changes'

const targets = (before: Partial<Parameters<typeof localChanges>[1]>) =>
  localChanges('anna', { initialised: false, areKeysNew: false, ...before }).map(({ target }) => target)

describe('what the plan says of this computer', () => {
  it('is root’s files in /etc where people edit them', () => {
    expect(targets({})).toEqual([
      '/etc/nix/nix.conf',
      '~root/.ssh/config',
      'nix-daemon',
      '/etc/nix/millwright',
    ])
  })

  it('is nothing in /etc where a rebuild makes it', () => {
    expect(targets({ declarative: 'nixos' })).toEqual([
      '~root/.config/nix/nix.conf',
      '~root/.ssh/config',
      'nix-daemon',
      '/var/lib/millwright',
    ])
  })

  it('is no file of others where the configuration declares Millwright', () => {
    expect(targets({ declarative: 'nix-darwin', isDeclared: true })).toEqual([
      'nix-daemon',
      '/var/lib/millwright',
    ])
  })

  it('is the person’s own alone where the store is theirs', () => {
    expect(targets({ isMine: true })).toEqual([
      '~/.config/nix/nix.conf',
      '~/.ssh/config',
      '~/.config/nix/millwright',
    ])
  })

  it('is only the builder where Millwright is set up already', () => {
    expect(targets({ initialised: true })).toEqual(['/etc/nix/millwright'])
    expect(targets({ initialised: true, declarative: 'nixos' })).toEqual(['/var/lib/millwright'])
  })
})
