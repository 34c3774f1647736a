import { describe, expect, it } from 'vitest'
import { explainSettings } from '../../../core/modes/explain-settings'
import { renderOwnNixConf } from '../../../core/nix/nix-conf'
import { renderSshConfig } from '../../../core/ssh/ssh-config'

const folder = '/etc/nix/millwright/gen-000002'
const file = (name: string, content: string) => ({
  path: `${folder}/${name}`,
  mode: '0644',
  owns: 'whole' as const,
  content,
})
const conf = (remoteOnly: boolean) =>
  file(
    'nix.conf',
    renderOwnNixConf({
      existingBuilders: '',
      machinesPath: `${folder}/machines`,
      remoteOnly,
      buildersUseSubstitutes: true,
    }),
  )
const builder = {
  id: 'anna',
  host: 'anna.lan',
  port: 22,
  user: 'nixremote',
  protocol: 'ssh-ng' as const,
  systems: ['x86_64-linux'],
  supportedFeatures: [],
  mandatoryFeatures: [],
  maxJobs: 1,
  speedFactor: 1,
  hostKeys: [],
}
const names = (files: Parameters<typeof explainSettings>[0]) =>
  explainSettings(files).map(({ setting }) => setting)

describe('what Nix is told', () => {
  it('is explained, setting by setting, from the files that the helper really wrote', () => {
    const ssh = file(
      'ssh_config',
      renderSshConfig([builder], {
        key: (id) => `${folder}/${id}`,
        knownHosts: `${folder}/known_hosts`,
        master: (id) => `${folder}/${id}`,
      }),
    )
    expect(names([conf(false), ssh])).toEqual([
      'builders-use-substitutes',
      'ConnectTimeout',
      'ServerAliveInterval',
    ])
    expect(explainSettings([conf(false), ssh])[1]).toMatchObject({ value: '5' })
  })

  it('says that nothing is built here only where that is so', () => {
    expect(names([conf(true)])).toContain('max-jobs')
    expect(names([conf(false)])).not.toContain('max-jobs')
  })

  it('leaves somebody else’s file alone', () => {
    const theirs = {
      path: '/etc/nix/nix.conf',
      mode: '0644',
      owns: 'line' as const,
      content: 'fallback = true\n',
    }
    expect(explainSettings([theirs])).toEqual([])
  })
})
