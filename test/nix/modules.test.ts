import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const hasNix = spawnSync('nix-instantiate', ['--version']).status === 0
const files = ['flake.nix', ...filesBelow('nix'), 'test/nix/evaluate.nix']
/** A tree of each, which is too large to be fetched by a test: `MILLWRIGHT_NIXPKGS=FOLDER npm test -- programs`. */
const {
  MILLWRIGHT_NIXPKGS: nixpkgs,
  MILLWRIGHT_NIX_DARWIN: nixDarwin,
  MILLWRIGHT_HOME_MANAGER: homeManager,
} = process.env
const folder = mkdtempSync(join(tmpdir(), 'millwright-nix-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.nix'))
    .map((name) => join(path, name))
}

/** With a store and a configuration of its own, so that nothing of this machine counts or is changed. */
function evaluate(attribute: string) {
  writeFileSync(join(folder, 'nix.conf'), '')
  const given = { nixpkgs, nixDarwin, homeManager }
  const args = Object.entries(given).flatMap(([name, path]) => (path ? ['--arg', name, path] : []))
  const command = ['--eval', '--strict', '--json', '--read-write-mode', '--store', join(folder, 'store')]
  const said = execFileSync(
    'nix-instantiate',
    [...command, ...args, '-A', attribute, 'test/nix/evaluate.nix'],
    {
      env: { ...process.env, NIX_CONF_DIR: folder, NIX_PATH: '' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  return JSON.parse(said)
}

describe.skipIf(!hasNix)('what is written in Nix', () => {
  it.each(files)('%s can be read by Nix', (file) => {
    const command = ['--parse', '--store', join(folder, 'store'), file]
    expect(spawnSync('nix-instantiate', command, { encoding: 'utf8' })).toMatchObject({ status: 0 })
  })
})

describe.skipIf(!hasNix || !nixpkgs)('the module for NixOS (needs MILLWRIGHT_NIXPKGS)', () => {
  const include = '!include /var/lib/millwright/current/nix.conf'

  it('changes nothing until it is enabled', () => {
    const off = evaluate('off')
    expect(off).toMatchObject({ folders: [], service: null, packages: [], failed: [] })
    expect(off.nixConf + off.ssh).not.toContain('millwright')
  }, 300_000)

  it('has Nix read our file last and ssh read it first, and starts with the session', () => {
    const on = evaluate('on')
    expect(on.nixConf.trimEnd().split('\n').at(-1)).toBe(include)
    expect(on.ssh.split('\n').find((line: string) => /^\s*(Include|Host|Match)\b/.test(line))).toBe(
      'Include /var/lib/millwright/current/ssh_config',
    )
    expect(on).toMatchObject({
      folders: ['d /var/lib/millwright 0755 root root -'],
      service: ['graphical-session.target'],
      polkit: true,
      packages: ['millwright'],
      // The name that root's files keep for the guard, whatever the version.
      links: true,
      failed: [],
    })
  }, 300_000)

  it('leaves starting to the person where it is told to', () => {
    expect(evaluate('quiet')).toMatchObject({ service: null, packages: ['millwright'] })
  }, 300_000)

  it('makes a builder of it: an account that can build, and nothing else', () => {
    const { nixConf, keys, sshd, home } = evaluate('builder')
    expect({ sshd, home }).toEqual({ sshd: true, home: '/var/empty' })
    expect(keys).toEqual([
      expect.stringMatching(
        /^restrict,command="\/nix\/store\/\S+-millwright-serve" ssh-ed25519 AAAAC3Nz millwright-anna$/,
      ),
    ])
    expect(nixConf).toContain('\ntrusted-users = root\n')
    expect(nixConf).toContain('\nextra-trusted-users = nixremote\n')
  }, 300_000)

  it('comes in a flake, with a package whose every source is named', () => {
    expect(evaluate('flake')).toEqual(
      [
        'apps',
        'checks',
        'darwinModules',
        'formatter',
        'homeModules',
        'nixosModules',
        'overlays',
        'packages',
      ].sort(),
    )
    expect(evaluate('packages')).toEqual(Array(2).fill(expect.stringMatching(/-millwright-\d+\.\d+\.\d+$/)))
  }, 300_000)

  it.runIf(nixDarwin)(
    'has its like for nix-darwin (needs MILLWRIGHT_NIX_DARWIN)',
    () => {
      expect(evaluate('darwin')).toEqual({
        extra: `${include}\n`,
        ssh: 'Include /var/lib/millwright/current/ssh_config\n',
        program: '--hidden',
      })
    },
    300_000,
  )

  it.runIf(homeManager)(
    'has its like for Home Manager (needs MILLWRIGHT_HOME_MANAGER)',
    () => {
      expect(evaluate('home')).toMatchObject({
        Unit: { Requires: ['tray.target'], PartOf: ['graphical-session.target'] },
        Install: { WantedBy: ['graphical-session.target'] },
        packages: expect.arrayContaining(['millwright']),
      })
    },
    300_000,
  )
})
