import { describe, expect, it } from 'vitest'
import {
  confFiles,
  type EffectiveSettings,
  lastPlace,
  parseShownConfig,
} from '../../../core/nix/effective-settings'
import { modesOf } from '../../../core/nix/modes-in-force'
import { emptyUserSettings } from '../../../core/nix/user-conf'

const plain: EffectiveSettings = {
  maxJobs: 4,
  builders: '@/etc/nix/machines',
  substituters: [],
  places: {},
  isDaemonsUser: false,
  system: 'x86_64-linux',
  sendsBuilders: false,
  lines: [],
}
const remote = { ...emptyUserSettings, remoteOnly: true }
const local = { ...emptyUserSettings, localOnly: true }

describe('both modes', () => {
  it('are in force only when Nix says so', () => {
    expect(modesOf(emptyUserSettings, false, plain).remoteOnly).toEqual({
      me: false,
      everyone: false,
      inForce: false,
    })
    expect(modesOf(remote, false, { ...plain, maxJobs: 0 }).remoteOnly).toEqual({
      me: true,
      everyone: false,
      inForce: true,
    })
    expect(modesOf(local, true, { ...plain, builders: '', maxJobs: 0 })).toEqual({
      remoteOnly: { me: false, everyone: true, inForce: true },
      localOnly: { me: true, everyone: false, inForce: true },
    })
    expect(modesOf(remote, false, undefined).remoteOnly.inForce).toBe(false)
  })

  it('name the line that decides against the switch, or without it', () => {
    const places = { maxJobs: { file: '/etc/nix/nix.conf', line: 7 } }
    expect(modesOf(remote, false, { ...plain, places }).remoteOnly.overriddenBy).toEqual({
      setting: 'max-jobs',
      where: '/etc/nix/nix.conf:7',
    })
    expect(modesOf(emptyUserSettings, false, { ...plain, maxJobs: 0, places }).remoteOnly).toMatchObject({
      inForce: true,
      overriddenBy: { where: '/etc/nix/nix.conf:7' },
    })
    const declared = { builders: { file: '/etc/nix/nix.conf', line: 2, isDeclared: true } }
    expect(modesOf(local, false, { ...plain, places: declared }).localOnly.overriddenBy?.where).toBe(
      '/etc/nix/nix.conf:2, made by a rebuild',
    )
  })

  it('name the variable that keeps Nix from reading the person’s file at all', () => {
    const seen: EffectiveSettings = {
      ...plain,
      places: { maxJobs: { file: '/etc/nix/nix.conf', line: 7 } },
      bypassedBy: 'NIX_USER_CONF_FILES',
    }
    expect(modesOf(remote, false, seen).remoteOnly.overriddenBy?.where).toBe('NIX_USER_CONF_FILES')
  })
})

describe('the files that Nix reads', () => {
  const of = (env: Record<string, string>, hasConfigHome = true) =>
    confFiles({ env, homeDir: '/home/dev', hasConfigHome })

  it('end with the person’s own', () => {
    expect(of({})).toEqual(['/etc/nix/nix.conf', '/etc/xdg/nix/nix.conf', '/home/dev/.config/nix/nix.conf'])
    expect(of({ NIX_CONF_DIR: '/c', XDG_CONFIG_HOME: '/x', XDG_CONFIG_DIRS: '/a:/b' })).toEqual([
      '/c/nix.conf',
      '/b/nix/nix.conf',
      '/a/nix/nix.conf',
      '/x/nix/nix.conf',
    ])
  })

  it('may be others, by variables of Nix’s own', () => {
    expect(of({ NIX_USER_CONF_FILES: '/1:/2' })).toEqual(['/etc/nix/nix.conf', '/2', '/1'])
    expect(of({ NIX_CONFIG_HOME: '/h' }).at(-1)).toBe('/h/nix.conf')
    expect(of({ NIX_CONFIG_HOME: '/h' }, false).at(-1)).toBe('/home/dev/.config/nix/nix.conf')
  })

  it('do not lead in circles', () => {
    expect(lastPlace(['/a'], ['cores'], () => 'cores = 1\n!include a\n')).toMatchObject({ line: 1 })
  })
})

describe('what Nix shows', () => {
  it.each(['', '{}', '[]', 'null', '{"max-jobs":{"value":"4"}}'])(
    'is nothing to rely on when it is %j',
    (text) => {
      expect(parseShownConfig(text)).toBeUndefined()
    },
  )
})
