import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RegisteredBuilder } from '../../../contract/builder'
import { parseNixConf } from '../../../core/nix/nix-conf'
import { isServing, renderSubstituters, substituterUri } from '../../../core/nix/substituter'
import { registered } from '../../helper/builder'

const keyOf = (id: string) => `millwright-${id}-0123abcd-1:${'A'.repeat(43)}=`
const offered = (id: string, everyone = false, enabled = true): RegisteredBuilder => ({
  ...registered(id, enabled),
  substituter: { publicKey: keyOf(id), everyone },
})

describe('the substituters in root’s nix.conf', () => {
  it('are none while none is offered, and then the file is as ever', () => {
    expect(renderSubstituters([registered('anna'), registered('otto', false)])).toEqual([])
  })

  it('are trusted, and used by everyone only where that is wanted', () => {
    expect(renderSubstituters([offered('anna'), offered('otto', true), registered('ida')])).toEqual([
      `extra-trusted-public-keys = ${keyOf('anna')} ${keyOf('otto')}`,
      'extra-trusted-substituters = ssh-ng://millwright-anna?priority=50 ssh-ng://millwright-otto?priority=50',
      'extra-substituters = ssh-ng://millwright-otto?priority=50',
      'fallback = true',
    ])
  })

  it('leave out who is off or in quarantine, but not the way out of a daemon that still asks', () => {
    const quarantined = { ...offered('otto', true), quarantined: true }
    expect(renderSubstituters([offered('anna', true, false), quarantined])).toEqual(['fallback = true'])
  })

  it('are read by Nix as they are meant, whoever they are', () => {
    const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/)
    const builder = fc
      .record({ id, everyone: fc.boolean(), enabled: fc.boolean(), isOffered: fc.boolean() })
      .map(({ id, everyone, enabled, isOffered }) =>
        isOffered ? offered(id, everyone, enabled) : registered(id, enabled),
      )
    fc.assert(
      fc.property(fc.uniqueArray(builder, { selector: (one) => one.id, maxLength: 8 }), (builders) => {
        const { settings, problems } = parseNixConf(renderSubstituters(builders).join('\n'), 'f')
        expect(problems).toEqual([])
        const words = (name: string) =>
          settings.find((setting) => setting.name === name)?.value.split(' ') ?? []
        const serving = builders.filter(isServing)
        expect(words('extra-trusted-substituters')).toEqual(serving.map(({ id }) => substituterUri(id)))
        expect(words('extra-trusted-public-keys')).toHaveLength(serving.length)
        const forAll = words('extra-substituters')
        expect(words('extra-trusted-substituters')).toEqual(expect.arrayContaining(forAll))
      }),
      { numRuns: 1000 },
    )
  })
})
