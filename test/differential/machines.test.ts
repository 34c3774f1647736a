import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialectOf, type Machine, parseMachines, renderMachines } from '../../core/nix/machines'
import { isAtLeast, type NixVersion, speedFactorFractions } from '../../core/nix/nix-version'
import { builderSpec } from '../fixtures/arbitraries'
import { bare, nixSandbox, nixVersion } from './nix-sandbox'

const nowhere = 'nowhere-nothing'
const sorted = (items: readonly string[]) => [...new Set(items)].sort()

/** A row of the hook's table, without the brackets that came in 2.12. */
function row(machine: Machine, version: NixVersion, system: string): string {
  const systems = machine.systems ?? [system]
  const cells = [
    (isAtLeast(version, 2, 20) ? sorted(systems) : systems).join(', '),
    machine.maxJobs,
    sorted(machine.supportedFeatures).join(', '),
    sorted(machine.mandatoryFeatures).join(', '),
  ]
  return `(${cells.join(', ')})`
}

/** Nix 2.8 names the wrong character by a byte that was never set: now nothing, now anything. */
const withoutGarbage = (said: string) => said.replace(/(Base64string:')[^']*(')/, '$1$2')

const rowsOf = (said: string) => {
  const lines = said.split('\n')
  const head = lines.findIndex((line) => line.includes('maxjobs'))
  return head < 0
    ? []
    : lines
        .slice(head + 1)
        .filter((line) => line.startsWith('('))
        .map((line) => line.replace(/[[\]]/g, ''))
}

const cell = (...cells: string[]) => fc.constantFrom('-', ...cells)
const line = fc
  .tuple(
    fc.constantFrom(
      'h',
      'u@h',
      'h?compress=true',
      'ssh://h',
      'ssh-ng://u@h',
      'ssh://h',
      'ssh://h',
      '-',
      'remote',
    ),
    cell('i686-linux', 'a-b,c-d', 'c-d,,a-b,'),
    cell('/key'),
    cell('1', '4', '0', '+3', '007', '4294967295', '4294967296', 'x', '-1', '1.5', ''),
    cell('1', '10', '0', '1.5', '-2', 'x', '.5', '1e2'),
    cell('kvm', 'kvm,big-parallel', ','),
    cell('benchmark', 'a,b,a'),
    cell('YWJj', 'YW Jj', 'a!b', 'YQ==', '=!'),
    fc.constantFrom('', ' ninth', ' # note', ' # note ; ssh://n', ' '),
  )
  .chain(([...cells]) => fc.nat({ max: 9 }).map((count) => cells.slice(0, Math.max(1, count)).join(' ')))
const plainLine = fc
  .tuple(
    fc.constantFrom('h', 'ssh-ng://u@h'),
    cell('a-b', 'c-d,a-b'),
    cell('/key'),
    cell('3'),
    cell('2'),
    cell('kvm,a'),
  )
  .map((cells) => cells.join(' '))
const text = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 6, arbitrary: plainLine },
        { weight: 2, arbitrary: line },
        { weight: 1, arbitrary: fc.constantFrom('', '# note', '@/none', '#') },
        { weight: 1, arbitrary: fc.constantFrom('  ', ' # note', '\r', '# a ; ssh://b', '\tssh://t') },
      ),
      fc.constantFrom('\n', '\n', ';', ' ; ', '\r\n'),
    ),
    { maxLength: 4 },
  )
  .map((lines) => lines.flat().join(''))

describe.skipIf(!nixVersion)('the build hook of the Nix on this machine', { timeout: 60_000 }, () => {
  const version = nixVersion as NixVersion
  const parse = (builders: string) =>
    parseMachines(builders, dialectOf(version), { fractions: speedFactorFractions(version) })

  it('reads 120 machines files as we do, and refuses what we refuse in the same words', () => {
    const nix = nixSandbox()
    const system = JSON.parse(nix.showConfig('').stdout).system.value
    let refused = 0
    fc.assert(
      fc.property(text, (builders) => {
        const { machines, problems } = parse(builders)
        const said = nix.askHook(builders, nowhere)
        const fatal = problems.find(({ stopsAll }) => stopsAll)
        if (fatal) {
          refused++
          expect(withoutGarbage(bare(said))).toContain(bare(`error: ${fatal.message}`))
        } else if (machines.length === 0) expect(said).toContain('# decline-permanently')
        else expect(rowsOf(said)).toEqual(machines.map((machine) => row(machine, version, system)))
      }),
      { numRuns: 120 },
    )
    expect(refused).toBeGreaterThan(10)
  })

  it('gives every builder the address that we expect', () => {
    const nix = nixSandbox()
    const stores = [
      'h1',
      'u@h2',
      'h3?compress=true',
      'ssh://h4',
      'ssh-ng://u@h5',
      'h6?ssh-key=/k',
      'remote',
      'local-7',
    ]
    const builders = stores.map((store) => `${store} ${nowhere}`).join('\n')
    const said = nix.askHook(builders, nowhere)
    const tried = [...said.matchAll(/cannot build on '([^']*)'/g)].map(([, uri]) => uri)
    const { machines, problems } = parse(builders)
    const unopened = problems.map(({ message }) => / '(.*)'$/.exec(message)?.[1])
    expect(tried.sort()).toEqual([...machines.map(({ uri }) => uri), ...unopened].sort())
    for (const { message } of problems) expect(said).toContain(message)
  })

  it('runs ssh for each of 40 rendered builders by its alias and its own key', () => {
    const nix = nixSandbox()
    const builders = fc.sample(builderSpec, 40).map((builder, index) => ({
      ...builder,
      id: `b${index}-${builder.id}`.slice(0, 32),
      systems: [nowhere],
      mandatoryFeatures: [],
      // The hook tries every slot of every machine again after each that fails.
      maxJobs: 1 + (index % 4),
    }))
    const said = nix.askHook(
      renderMachines(builders, (id) => `/keys/${id}`),
      nowhere,
    )
    expect(said).not.toContain('error: bad machine')
    const calls = existsSync(nix.sshLog) ? readFileSync(nix.sshLog, 'utf8').trim().split('\n') : []
    const heard = calls.map((call) => {
      const words = call.split(' ')
      return `${words.find((word) => word.startsWith('millwright-'))} ${words[words.indexOf('-i') + 1]}`
    })
    expect([...new Set(heard)].sort()).toEqual(
      builders.map(({ id }) => `millwright-${id} /keys/${id}`).sort(),
    )
  })
})
