// Nix's own way to name a value in a text is what is tried here.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportFleet } from '../../core/export/export-fleet'
import { type Fleet, fleetOf } from '../../core/export/fleet'
import { type NixValue, renderNix } from '../../core/export/nix-value'
import { parseMachines } from '../../core/nix/machines'
import { parseKnownHosts } from '../../core/ssh/known-hosts'
import { builderSpecs, featureName, hostile, systemName } from '../fixtures/arbitraries'
import { hasProgram, run, temporaryFolder } from './programs'

const fleets = 200
const isHere = hasProgram('nix-instantiate')
const nix = describe.skipIf(!isHere)

/** A Nix that sees no store, no configuration and no home of this machine's. */
function instantiate(folder: string, args: readonly string[]) {
  const own = { NIX_CONF_DIR: folder, NIX_STATE_DIR: `${folder}/state`, NIX_LOG_DIR: `${folder}/log` }
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    NIX_REMOTE: '',
    NIX_STORE_DIR: `${folder}/store`,
    ...own,
  }
  return run('nix-instantiate', args, { env })
}

/** What Nix makes of an expression, as data. */
function evaluate(text: string): unknown {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'nix.conf'), 'build-users-group =\n')
  writeFileSync(join(folder, 'all.nix'), text)
  const ran = instantiate(folder, ['--eval', '--strict', '--json', join(folder, 'all.nix')])
  expect(ran.stderr).toBe('')
  return JSON.parse(ran.stdout)
}

/** What a machines file is made of, by `nix.buildMachines` as NixOS and nix-darwin document each option. */
const toLines = `machines: map (m: builtins.concatStringsSep " " [
  ((if (m.protocol or null) == null then "" else "\${m.protocol}://")
    + (if m ? sshUser then "\${m.sshUser}@" else "") + m.hostName)
  (if (m.systems or [ ]) == [ ] then "-" else builtins.concatStringsSep "," m.systems)
  (m.sshKey or "-")
  (toString m.maxJobs)
  (toString m.speedFactor)
  (let all = m.supportedFeatures ++ m.mandatoryFeatures; in if all == [ ] then "-" else builtins.concatStringsSep "," all)
  (if m.mandatoryFeatures == [ ] then "-" else builtins.concatStringsSep "," m.mandatoryFeatures)
  (m.publicHostKey or "-")
]) machines`

const otherLine = fc
  .tuple(
    fc.constantFrom(
      'ssh://anna',
      'ssh-ng://nix@anna',
      'ssh://u@[2001:db8::1]?remote-program=/x/y',
      '/srv/store',
      'otto',
    ),
    fc.oneof(fc.constant('-'), systemName),
    fc.constantFrom('-', '/root/.ssh/id', '/root/a"b${c}\\d', "/root/''x''"),
    fc.integer({ min: 0, max: 64 }),
    fc.integer({ min: 1, max: 9 }),
    fc.oneof(fc.constant('-'), featureName),
    fc.oneof(fc.constant('-'), featureName),
    fc.constantFrom('-', 'YWJj'),
  )
  .map((columns) => columns.join(' '))

const fleet: fc.Arbitrary<Fleet> = fc
  .tuple(
    builderSpecs,
    fc.array(otherLine, { maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  )
  .map(([specs, lines, on]) =>
    fleetOf({
      builders: specs.map((spec, at) => ({ ...spec, enabled: on[at] ?? true, quarantined: false })),
      others: parseMachines(lines.join('\n'), 'new').machines,
      localFiles: [
        {
          path: '/x/nix.conf',
          owns: 'whole',
          content: 'builders = x\nmax-jobs = 0\nextra-substituters = a b\n',
        },
      ],
    }),
  )

const machinesOf = (text: string) =>
  parseMachines(text, 'new').machines.map(({ line: _, supportedFeatures, ...rest }) => ({
    ...rest,
    supportedFeatures: [...new Set([...supportedFeatures, ...rest.mandatoryFeatures])],
  }))

interface Evaluated {
  readonly lines: readonly string[]
  readonly ssh?: {
    readonly extraConfig: string
    readonly knownHosts: Record<string, { hostNames: string[]; publicKey: string }>
  }
  readonly settings: Record<string, unknown>
}

nix('an export as Nix', () => {
  it('gives back the machines, the stanzas and the pinned keys of any fleet', () => {
    const all = fc.sample(fleet, fleets)
    const modules = all.map((_, at) => `(import ./fleet-${at}.nix { })`)
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'nix.conf'), 'build-users-group =\n')
    for (const [at, one] of all.entries())
      writeFileSync(join(folder, `fleet-${at}.nix`), exportFleet('nixos', one))
    const read = `let toLines = ${toLines}; in map (m: { lines = toLines m.nix.buildMachines; inherit (m.nix) settings; } // (if m ? programs then { inherit (m.programs) ssh; } else { })) [ ${modules.join(' ')} ]`
    writeFileSync(join(folder, 'all.nix'), read)
    const ran = instantiate(folder, ['--eval', '--strict', '--json', join(folder, 'all.nix')])
    expect(ran.stderr).toBe('')
    const evaluated = JSON.parse(ran.stdout) as readonly Evaluated[]
    expect(evaluated).toHaveLength(fleets)
    for (const [at, one] of all.entries()) {
      const { lines = [], ssh, settings } = evaluated[at] ?? {}
      expect(machinesOf(lines.join('\n'))).toEqual(machinesOf(exportFleet('machines', one)))
      expect(settings).toEqual({
        'builders-use-substitutes': true,
        'max-jobs': 0,
        'extra-substituters': ['a', 'b'],
      })
      const pins = Object.values(ssh?.knownHosts ?? {}).map(
        ({ hostNames, publicKey }) => `${hostNames} ${publicKey}`,
      )
      const expected = one.builders.flatMap(({ id, hostKeys, jump }) => [
        ...hostKeys.map(({ type, key }) => `millwright-${id} ${type} ${key}`),
        ...(jump?.hostKeys ?? []).map(({ type, key }) => `millwright-${id}.jump ${type} ${key}`),
      ])
      expect(pins.sort()).toEqual([...new Set(expected)].sort())
      for (const { id, host } of one.builders)
        expect(ssh?.extraConfig).toContain(`Host millwright-${id}\n  HostName ${host}\n`)
      expect(parseKnownHosts(pins.join('\n'))).toHaveLength(pins.length)
    }
  }, 60_000)

  it('gives back whatever somebody hostile puts where a value belongs', () => {
    const value: fc.Arbitrary<NixValue> = fc.letrec<{ value: NixValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc
          .oneof(
            hostile,
            fc.constantFrom('${x}', '$${x}', "''", "a\n''${b}\n", ' x\ny\n', 'x\n y\n\nz\n', 'x\ny\n'),
          )
          .map((text) => text.replaceAll(/[\0\ud800-\udfff]/g, '')),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'if', 'or', 'a b', '${x}', '"', 'a.b', '-', "a'"), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).value
    const all = fc.sample(value, 500)
    expect(evaluate(`[\n${all.map((one) => `(${renderNix(one)})\n`).join('')}]`)).toEqual(all)
  })

  it.each(['nixos', 'darwin', 'home-manager'] as const)('is an expression that Nix reads: %s', (format) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'nix.conf'), 'build-users-group =\n')
    const files = fc.sample(fleet, 20).map((one, at) => {
      const path = join(folder, `fleet-${at}.nix`)
      writeFileSync(path, exportFleet(format, one))
      return path
    })
    const ran = instantiate(folder, ['--parse', ...files])
    expect(ran.stderr).toBe('')
    expect(ran.status).toBe(0)
  })
})
