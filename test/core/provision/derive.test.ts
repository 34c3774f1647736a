import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { AddOptions } from '../../../contract/commands'
import * as g from '../../../contract/grammar'
import { someFacts, withNix } from '../../fixtures/facts'
import { newNix, oldNix, planned } from '../../fixtures/provisioning'

describe('the settings of a builder', () => {
  it('are found by looking and measuring, each with how', () => {
    const { settings, plan } = planned(someFacts())
    expect(settings).toEqual({
      user: 'nixremote',
      protocol: 'ssh-ng',
      systems: ['x86_64-linux', 'i686-linux'],
      supportedFeatures: ['big-parallel', 'gccarch-znver3', 'kvm', 'nixos-test'],
      mandatoryFeatures: [],
      maxJobs: 4,
      coresPerJob: 2,
      speedFactor: 3,
    })
    expect(plan.derived.map(({ name }) => name)).toContain('speedFactor')
    expect(plan.derived.every(({ how }) => how !== '')).toBe(true)
  })

  it('are those of the person where there are any', () => {
    const options: AddOptions = {
      systems: ['i686-linux'],
      maxJobs: 9,
      speedFactor: 5,
      supportedFeatures: ['x'],
    }
    const { settings, plan } = planned(someFacts(), options)
    expect(settings).toMatchObject(options)
    expect(plan.derived.find(({ name }) => name === 'maxJobs')?.how).toBe('as you set it')
  })

  it('promise nothing that the machine cannot keep', () => {
    const { settings } = planned({ ...someFacts(), kvm: false, cpus: 2 })
    expect(settings.supportedFeatures).toEqual(['gccarch-znver3'])
  })

  it('never promise benchmark', () => {
    expect(
      planned(withNix({ systemFeatures: ['benchmark'] }, { kvm: false })).settings.supportedFeatures,
    ).toEqual([])
  })

  it.each([
    [oldNix, 'nix (Nix) 2.3.18', 'ssh'],
    ['nix (Nix) 2.3.18', newNix, 'ssh'],
    ['nix (Lix, like Nix) 2.94.0', 'nix (Nix) 2.8.0', 'ssh'],
    ['nix (Lix, like Nix) 2.94.0', newNix, 'ssh-ng'],
    [oldNix, newNix, 'ssh-ng'],
  ] as const)('speak, from %s to %s, %s', (here, there, protocol) => {
    expect(planned(withNix({ version: there }), {}, here).settings.protocol).toBe(protocol)
  })

  it('keep jobs × cores within the CPUs, and to the grammar, on any machine', () => {
    const size = fc.record({
      cpus: fc.integer({ min: 0, max: 5000 }),
      memoryBytes: fc.integer({ min: 0, max: 2 ** 45 }),
      speedScore: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      kvm: fc.boolean(),
    })
    fc.assert(
      fc.property(size, fc.array(fc.string()), fc.array(fc.string()), (machine, platforms, features) => {
        const { speedScore, ...rest } = machine
        const found = withNix({ extraPlatforms: platforms, systemFeatures: features }, rest)
        const { speedScore: _, ...bare } = found
        const { settings } = planned({ ...bare, ...(speedScore === undefined ? {} : { speedScore }) })
        expect(settings.maxJobs * settings.coresPerJob).toBeLessThanOrEqual(Math.max(machine.cpus, 1))
        for (const [schema, value] of [
          [g.MaxJobs, settings.maxJobs],
          [g.SpeedFactor, settings.speedFactor],
          [g.Systems, settings.systems],
          [g.Features, settings.supportedFeatures],
        ] as const) {
          expect(v.is(schema, value), JSON.stringify(value)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
