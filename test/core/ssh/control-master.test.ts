import { describe, expect, it } from 'vitest'
import {
  controlMasterName,
  renderControlMasterDaemon,
  renderControlMasterUnit,
} from '../../../core/ssh/control-master'

const paths = {
  ssh: '/usr/bin/ssh',
  sshConfig: '/etc/nix/millwright/current/ssh_config',
  sockets: '/run/millwright/masters',
}

describe('the systemd unit that holds connections', () => {
  const lines = renderControlMasterUnit(paths).split('\n')

  it('runs ssh itself, in the foreground, as the one master', () => {
    expect(lines.filter((line) => line.startsWith('ExecStart='))).toEqual([
      'ExecStart=/usr/bin/ssh -F /etc/nix/millwright/current/ssh_config -o ControlMaster=yes' +
        ' -o ControlPersist=no -o ControlPath=/run/millwright/masters/%i -o ServerAliveInterval=5' +
        ' -o ServerAliveCountMax=2 -N -T millwright-%i',
    ])
  })

  it('takes away a stale socket first, which ssh would not listen on', () => {
    expect(lines).toContain('ExecStartPre=/bin/rm -f /run/millwright/masters/%i')
  })

  it('comes back whenever it ends, and never gives up', () => {
    expect(lines).toEqual(
      expect.arrayContaining(['Restart=always', 'StartLimitIntervalSec=0', 'RestartSec=2']),
    )
  })

  it('gives the service nothing but the network and its own folder', () => {
    const hardening = [
      'CapabilityBoundingSet=',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
    ]
    const folder = ['RuntimeDirectory=millwright/masters', 'RuntimeDirectoryMode=0700']
    expect(lines).toEqual(expect.arrayContaining([...hardening, ...folder]))
    expect(lines.filter((line) => /^(ReadWritePaths|AmbientCapabilities)=/.test(line))).toEqual([])
  })

  it('is called after its builder', () => {
    expect(controlMasterName('linux', 'otto-2')).toBe('millwright-master@otto-2.service')
  })
})

describe('the launchd daemon that holds a connection', () => {
  const plist = renderControlMasterDaemon(
    { ...paths, ssh: '/opt/a&b/ssh', sockets: '/var/run/millwright/masters' },
    'otto',
  )
  const words = [...plist.matchAll(/^ {4}<string>(.*)<\/string>$/gm)].map(([, word]) => word)

  it('is given paths and the builder as arguments, never as shell text', () => {
    expect(words[2]).not.toMatch(/otto|var/)
    expect(words.slice(3, 7)).toEqual(['sh', '/var/run/millwright/masters', 'otto', '/opt/a&amp;b/ssh'])
    expect(words.at(-1)).toBe('millwright-otto')
  })

  it('is kept alive, and not restarted in a rush', () => {
    expect(plist).toMatch(/<key>KeepAlive<\/key>\s*<true\/>/)
    expect(plist).toMatch(/<key>ThrottleInterval<\/key>\s*<integer>10<\/integer>/)
    expect(plist).toContain('<string>org.millwright.master.otto</string>')
  })
})
