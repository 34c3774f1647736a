import { describe, expect, it } from 'vitest'
import { type EffectiveSettings, parseShownConfig } from '../../../core/nix/effective-settings'
import { whyNotUsed } from '../../../main/usecases/steps/nix-use'

const settings: EffectiveSettings = {
  ...{ maxJobs: 4, builders: '@/etc/nix/machines', substituters: [], system: 'x86_64-linux' },
  ...{ sendsBuilders: false, lines: [], places: {}, isDaemonsUser: false },
}
const anna = { id: 'anna', protocol: 'ssh-ng', enabled: true } as const
const why = (more: Partial<EffectiveSettings>, builder: Parameters<typeof whyNotUsed>[0] = anna) =>
  whyNotUsed(builder, { daemon: undefined, settings: { ...settings, ...more } }, 1)

describe('a builder of somebody whose Nix uses another store', () => {
  const place = { file: '/home/dev/.config/nix/nix.conf', line: 2 }

  it.each(['/home/dev/store', 'local?root=/home/dev/store', 'ssh-ng://other', 'https://cache.nixos.org'])(
    'is not used, and the line that says so is told: %s',
    (store) => {
      expect(why({ store, places: { store: place } })).toMatchObject({
        code: 'OWN_STORE',
        facts: { where: '/home/dev/.config/nix/nix.conf:2', store },
      })
      expect(why({ store })?.facts).toMatchObject({ where: 'NIX_REMOTE in the environment' })
      expect(why({ store }, { ...anna, enabled: false })).toBeUndefined()
    },
  )

  it.each(['auto', '', 'daemon', 'daemon?x=y', 'unix:///nix/var/nix/daemon-socket/socket', undefined])(
    'is used where that is the daemon’s: %s',
    (store) => {
      expect(why(store === undefined ? {} : { store })).toBeUndefined()
    },
  )

  it('is used by root, who is the daemon, also without it', () => {
    expect(why({ store: 'local', isDaemonsUser: true })).toBeUndefined()
    expect(why({ store: 'local' })?.code).toBe('OWN_STORE')
  })

  it('is known by what Nix says', () => {
    const shown = { 'max-jobs': 4, builders: '', substituters: [], system: 'x', store: '/home/dev/store' }
    const text = Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, { value }]))
    expect(parseShownConfig(JSON.stringify(text))?.store).toBe('/home/dev/store')
  })
})
