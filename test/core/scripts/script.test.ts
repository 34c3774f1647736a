import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProvisionParameters } from '../../../contract/remote'
import {
  inspectScript,
  provisionScript,
  runsAs,
  scriptsHash,
  unprovisionScript,
} from '../../../core/scripts/script'
import { buildKey, collectKey, monitorKey, texts } from '../../fixtures/provisioning'

const parameters: ProvisionParameters = {
  mode: 'dedicated',
  run_as: 'root',
  install: '0123abcd',
  builder: 'anna',
  user: 'nixremote',
  nix_bin: '/usr/bin',
  ...{ way_in: '', way_program: '', way_store: '' },
  conf_file: '/etc/nix/nix.conf',
  trust: 'extra-trusted-users = nixremote',
  socket_group: '',
  monitor_key: monitorKey,
  collect_key: collectKey,
  scripts_hash: '00000000',
}
const lines = { buildKey, ownsUntagged: true }
const sh = (script: string) => spawnSync('sh', ['-s'], { input: script, encoding: 'utf8' })

describe('the script that runs over there', () => {
  it('carries the parameters and the installed scripts', () => {
    const { stdout, stderr } = sh(provisionScript(texts, parameters, lines, 'nonce'))
    expect(stderr).toBe('')
    expect(stdout).toBe(
      `#!/bin/sh\nnix_bin='/usr/bin'\necho serve\n#!/bin/sh\nnix_bin='/usr/bin'\necho probe\n#!/bin/sh\nnix_bin='/usr/bin'\necho collect\nnixremote ${buildKey}\n`,
    )
  })

  it('is handed by root to the owner of a single-user store, whole', () => {
    const script = provisionScript(
      texts,
      { ...parameters, mode: 'own', run_as: 'owner', user: 'solo' },
      lines,
      'n',
    )
    const store = (owner: string) =>
      `ls() { echo 'drwxr-xr-x 4 ${owner} 100 4096 /nix'; }\nid() { echo 4242; }\n`
    const su = 'su() { echo "as $1: $2 $3"; cat; }\n'
    const asWho = sh(`${store('4242')}${su}${script}`).stdout
    expect(asWho).toMatch(/^as solo: -c exec \/bin\/sh -s\n/)
    expect(sh(asWho.slice(asWho.indexOf('\n'))).stdout).toContain(`solo ${buildKey}`)
    expect(sh(`${store('4243')}${su}${script}`)).toMatchObject({
      stdout: 'mw-n error look-differs /nix does not belong to solo\n',
    })
    // Nobody of that name owns what is not there.
    expect(sh(`ls() { :; }\nid() { :; }\n${su}${script}`).stdout).toContain('does not belong to solo')
  })

  it('runs as whoever has to run it', () => {
    expect(runsAs(parameters)).toBe('root')
    expect(runsAs({ ...parameters, mode: 'own', run_as: 'owner' })).toBe('root')
    expect(runsAs({ ...parameters, mode: 'own', run_as: 'login' })).toBe('user')
  })

  it('never takes a parameter that breaks its grammar', () => {
    const hostile = fc.constantFrom(
      "'; reboot; '",
      'a\nb',
      '$(id)',
      '`id`',
      'a b',
      '../..',
      '-x',
      '"',
      'ü',
      'x'.repeat(10_000),
    )
    const names = fc.constantFrom(
      ...([
        'install',
        'builder',
        'user',
        'nix_bin',
        'conf_file',
        'trust',
        'monitor_key',
        'collect_key',
        'mode',
      ] as const),
    )
    fc.assert(
      fc.property(names, hostile, (name, value) => {
        expect(() => provisionScript(texts, { ...parameters, [name]: value }, lines, 'n')).toThrow()
        expect(() => unprovisionScript(texts, { ...parameters, [name]: value }, lines, 'n')).toThrow()
      }),
    )
    const twoKeys = { ...lines, buildKey: `${buildKey}\nssh-ed25519 AAAA` }
    expect(() => provisionScript(texts, parameters, twoKeys, 'n')).toThrow()
    expect(() => unprovisionScript(texts, parameters, twoKeys, 'n')).toThrow()
  })

  it('takes none that it does not know, such as a later Millwright noted', () => {
    const script = provisionScript(texts, { ...parameters, more: 'x' }, lines, 'n')
    expect(script).toBe(provisionScript(texts, parameters, lines, 'n'))
  })

  it('quotes whatever nonce it is given', () => {
    expect(sh(inspectScript({ ...texts, inspect: 'echo "$nonce"' }, "'; echo out; '")).stdout).toBe(
      "'; echo out; '\n",
    )
  })
})

describe('the hash of the installed scripts', () => {
  it('changes with each script and with the place of Nix', () => {
    const hash = scriptsHash(texts, '/usr/bin')
    expect(hash).toMatch(/^[0-9a-f]{8}$/)
    expect(scriptsHash({ ...texts, serve: 'echo other\n' }, '/usr/bin')).not.toBe(hash)
    expect(scriptsHash({ ...texts, probe: 'echo other\n' }, '/usr/bin')).not.toBe(hash)
    expect(scriptsHash({ ...texts, collect: 'echo other\n' }, '/usr/bin')).not.toBe(hash)
    expect(scriptsHash(texts, '/usr/local/bin')).not.toBe(hash)
  })
})
