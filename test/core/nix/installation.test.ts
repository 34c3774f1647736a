import { describe, expect, it } from 'vitest'
import {
  daemonSocket,
  type InstallationFacts,
  installationOf,
  isDeclaredPath,
} from '../../../core/nix/installation'

const dev = 1000
const unit = '/etc/systemd/system/nix-daemon.service'
const systemd = '/run/systemd/system'
const systemctl = 'systemctl try-restart nix-daemon.service'

type Told = Partial<Omit<InstallationFacts, 'marks' | 'masked' | 'storeOwner'>> & {
  readonly storeOwner?: number | 'none'
  readonly marks?: readonly string[]
  readonly masked?: readonly string[]
}

function look({ marks = [], masked = [], storeOwner = 0, ...told }: Told) {
  const usual = { platform: 'linux', euid: dev, ...(storeOwner === 'none' ? {} : { storeOwner }) } as const
  return installationOf({ ...usual, ...told, marks: new Set(marks), masked: new Set(masked) })
}

describe('whose the store is', () => {
  it.each<[string, Told, 'none' | 'daemon' | 'single-user', boolean]>([
    ['no store at all is nobody’s', { storeOwner: 'none' }, 'none', false],
    ['a store of mine is mine', { storeOwner: dev }, 'single-user', true],
    [
      'a store of mine is mine beside a daemon too',
      { storeOwner: dev, marks: [daemonSocket] },
      'single-user',
      true,
    ],
    ['another person’s is not mine', { storeOwner: 1001 }, 'single-user', false],
    ['root reads another person’s as theirs', { storeOwner: 1001, euid: 0 }, 'single-user', false],
    ['root’s store is a daemon’s for everyone else', {}, 'daemon', false],
    ['root’s own store with nothing to serve it is root’s', { euid: 0 }, 'single-user', true],
    ['a daemon that is stopped is one', { euid: 0, marks: [unit] }, 'daemon', false],
    ['a socket says that there is one', { euid: 0, marks: [daemonSocket] }, 'daemon', false],
    ['runit’s is one', { euid: 0, marks: ['/var/service/nix-daemon'] }, 'daemon', false],
    [
      'a unit that is masked is none',
      { euid: 0, masked: [unit], marks: ['/lib/systemd/system/nix-daemon.service'] },
      'single-user',
      true,
    ],
    [
      'one in an earlier folder than the mask is',
      { euid: 0, marks: [unit], masked: ['/lib/systemd/system/nix-daemon.service'] },
      'daemon',
      false,
    ],
  ])('%s', (_, told, kind, isMine) => {
    expect(look(told)).toMatchObject({ kind, isMine })
  })
})

describe('what makes the configuration', () => {
  it.each<[Told, string]>([
    [{}, 'files'],
    [{ marks: ['/etc/NIXOS'] }, 'nixos'],
    [{ nixConfTarget: '/etc/static/nix/nix.conf' }, 'nixos'],
    [{ platform: 'darwin', nixConfTarget: '/etc/static/nix/nix.conf' }, 'nix-darwin'],
    [{ platform: 'darwin', marks: ['/run/current-system/darwin-version'] }, 'nix-darwin'],
    [{ nixConfTarget: '/nix/store/0-nix.conf' }, 'files'],
    [{ marks: ['/usr/local/bin/determinate-nixd'] }, 'determinate'],
    [{ marks: ['/usr/local/bin/determinate-nixd', '/run/current-system/darwin-version'] }, 'nix-darwin'],
  ])('%j is %s', (told, maker) => {
    expect(look(told).maker).toBe(maker)
  })

  it.each<[Told, string]>([
    [{ nixConf: 'cores = 2\n' }, 'nix.conf'],
    [{ nixConf: '!include nix.custom.conf\n' }, 'nix.custom.conf'],
    [
      { nixConf: '!include /etc/nix/nix.custom.conf\n!include /etc/nix/millwright/current/nix.conf\n' },
      'nix.conf',
    ],
    [{ marks: ['/usr/local/bin/determinate-nixd'] }, 'nix.custom.conf'],
  ])('%j takes our line in %s', (told, file) => {
    expect(look(told).ourLineIn).toBe(file)
  })

  it('is a rebuild’s where a path leads into a store, also by its links', () => {
    expect(
      ['/nix/store/0-x', '/etc/static/nix', '/etc/nix/nix.conf', '/nix/store'].map(isDeclaredPath),
    ).toEqual([...[true, true, false, false]])
  })
})

describe('how the daemon reads its settings again', () => {
  it.each<[Told, string, string?]>([
    [{ marks: [systemd, unit] }, 'systemd', systemctl],
    [{ marks: [systemd, unit], socketUnit: '[Socket]\nAccept=yes\n' }, 'socket'],
    [{ marks: [systemd, unit], socketUnit: '[Socket]\n#Accept=yes\nAccept=no\n' }, 'systemd', systemctl],
    [{ marks: ['/run/openrc', '/etc/init.d/nix-daemon'] }, 'openrc', 'rc-service nix-daemon restart'],
    [{ marks: ['/var/service/nix-daemon'] }, 'runit', 'sv restart /var/service/nix-daemon'],
    [{ marks: ['/run/service/nix-daemon'] }, 's6', 's6-svc -r /run/service/nix-daemon'],
    [{ marks: ['/etc/dinit.d/nix-daemon'] }, 'dinit', 'dinitctl restart nix-daemon'],
    [{ marks: ['/etc/init.d/nix-daemon'] }, 'sysv', '/etc/init.d/nix-daemon restart'],
    [{ marks: ['/etc/rc.d/nix-daemon'] }, 'sysv', '/etc/rc.d/nix-daemon restart'],
    [{ marks: [daemonSocket] }, 'unknown'],
    [{ marks: ['/run/openrc', daemonSocket] }, 'unknown'],
    [{ storeOwner: dev, marks: [systemd] }, 'none'],
    [
      { platform: 'darwin', marks: ['/Library/LaunchDaemons/org.nixos.nix-daemon.plist'] },
      ...(['launchd', 'launchctl kickstart -k system/org.nixos.nix-daemon'] as const),
    ],
  ])('%j: %s', (told, by, command) => {
    const { restart } = look(told)
    expect(restart.by).toBe(by)
    const words = 'command' in restart ? restart.command.join(' ') : undefined
    expect(words?.replace('sh -c umask 022; exec "$@" sh ', '')).toBe(command)
  })
})

describe('the ways to root', () => {
  it.each<[Told, readonly string[]]>([
    [{ euid: 0, marks: ['/usr/bin/pkexec', '/usr/bin/sudo'] }, ['root']],
    [{ marks: ['/usr/bin/sudo', '/usr/bin/pkexec'] }, ['pkexec /usr/bin/pkexec', 'sudo /usr/bin/sudo']],
    [{ marks: ['/run/wrappers/bin/sudo'] }, ['sudo /run/wrappers/bin/sudo']],
    [{ marks: ['/usr/bin/doas', '/usr/bin/run0'] }, ['doas /usr/bin/doas']],
    [{ marks: ['/usr/bin/run0', systemd] }, ['run0 /usr/bin/run0']],
    [{}, []],
  ])('%j: %j', (told, ways) => {
    const found = look(told).waysToRoot.map((way) => ('program' in way ? `${way.by} ${way.program}` : way.by))
    expect(found).toEqual(ways)
  })
})
