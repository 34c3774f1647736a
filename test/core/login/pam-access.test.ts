import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { whatAccessRefuses } from '../../../core/login/pam-access'

const visitor = { user: 'nixremote', groups: ['nixremote', 'nix-users'], address: '10.1.2.3' }

describe('the rule of access.conf(5) that keeps the user of builds out', () => {
  it.each([
    [['-:ALL EXCEPT root admin:ALL'], '-:ALL EXCEPT root admin:ALL'],
    [['+ : root admin : ALL', '- : ALL : ALL'], '- : ALL : ALL'],
    [['+:nixremote:192.168.0.0/16', '-:ALL:ALL'], '-:ALL:ALL'],
    [['-:nixremote:10.'], '-:nixremote:10.'],
    [['-:(nix-users):10.0.0.0/8'], '-:(nix-users):10.0.0.0/8'],
  ])('is found in %o', (lines, rule) => {
    expect(whatAccessRefuses(lines, visitor)).toBe(rule)
  })

  it.each([
    [[]],
    [['+:nixremote:ALL', '-:ALL:ALL']],
    [['+:ALL:10.1.2.3', '-:ALL:ALL']],
    [['+:(nixremote):10.', '-:ALL:ALL']],
    [['-:ALL EXCEPT nixremote:ALL']],
    [['-:root:ALL']],
  ])('is not there in %o', (lines) => {
    expect(whatAccessRefuses(lines, visitor)).toBeUndefined()
  })

  it.each([
    [['+:@builders:ALL', '-:ALL:ALL']],
    [['+:nixremote:dev.lan', '-:ALL:ALL']],
    [['+:ALL:LOCAL', '-:ALL:ALL']],
    [['+:nix-users:ALL', '-:ALL:ALL']],
    [['something else', '-:ALL:ALL']],
  ])('is not made up where only that machine can tell: %o', (lines) => {
    expect(whatAccessRefuses(lines, visitor)).toBeUndefined()
  })

  it('is always one of the lines, whatever they are', () => {
    const word = fc.constantFrom(
      'ALL',
      'EXCEPT',
      'nixremote',
      '(nix-users)',
      '@x',
      '10.',
      '10.0.0.0/8',
      'root',
      '::',
    )
    const list = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '))
    const rule = fc.tuple(fc.constantFrom('+', '-'), list, list).map((parts) => parts.join(':'))
    fc.assert(
      fc.property(fc.array(fc.oneof(rule, fc.string())), (lines) => {
        const found = whatAccessRefuses(lines, visitor)
        if (found !== undefined) expect(lines.map((line) => line.trim())).toContain(found)
      }),
      { numRuns: 500 },
    )
  })
})
