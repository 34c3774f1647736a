import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addFirstInclude, removeFirstInclude, renderSshConfig } from '../../../core/ssh/ssh-config'
import { builderSpecs, messyText, thousand } from '../../fixtures/arbitraries'

const paths = {
  key: (id: string) => `/keys/${id}`,
  knownHosts: '/known_hosts',
  master: (id: string) => `/masters/${id}`,
}
const path = '/etc/nix/millwright/current/ssh_config'

describe('the ssh_config of the builders', () => {
  it('has one stanza a host, each pinned by its own alias, and nothing outside the template', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const text = renderSshConfig(builders, paths)
        const stanzas = text.split(/^Host /m).slice(1)
        expect(stanzas).toHaveLength(builders.length + builders.filter(({ jump }) => jump).length)
        for (const stanza of stanzas) {
          const [alias = '', ...lines] = stanza.trim().split('\n')
          expect(lines).toHaveLength(19)
          expect(lines).toContain(`  HostKeyAlias ${alias}`)
          expect(lines).toContain('  StrictHostKeyChecking yes')
          expect(lines.filter((line) => !/^ {2}[A-Za-z]+ \S+$/.test(line))).toEqual([])
        }
      }),
      thousand,
    )
  })

  it('lets builds go through a held connection once that is proven, and never lets ssh hold one itself', () => {
    fc.assert(
      fc.property(builderSpecs, fc.constantFrom('trying', 'on', 'failed', undefined), (specs, sharing) => {
        const builders = specs.map((spec) => ({ ...spec, ...(sharing ? { sharing } : {}) }))
        const text = renderSshConfig(builders, paths)
        for (const stanza of text.split(/^Host /m).slice(1)) {
          const alias = stanza.split('\n')[0] ?? ''
          const isThrough = alias.endsWith('.shared')
          const goesThrough = isThrough || (sharing === 'on' && !alias.endsWith('.jump'))
          const id = alias.replace(/^millwright-/, '').replace('.shared', '')
          expect(stanza).toContain('  ControlMaster no\n')
          expect(stanza).toContain(`  ControlPath ${goesThrough ? `/masters/${id}` : 'none'}\n`)
          expect(stanza.includes('ProxyCommand false')).toBe(isThrough)
        }
        const isHeld = sharing === 'on' || sharing === 'trying'
        expect(text.split('.shared\n  HostName').length - 1).toBe(isHeld ? specs.length : 0)
      }),
      thousand,
    )
  })

  it('never names two hosts alike, even when one builder is called after another’s jump host', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const names = [...renderSshConfig(builders, paths).matchAll(/^Host (.*)$/gm)].map(([, name]) => name)
        expect(new Set(names).size).toBe(names.length)
      }),
      thousand,
    )
  })

  it('quotes a path with a space and doubles a percent sign', () => {
    const [builder] = fc.sample(builderSpecs, 50).find((specs) => specs.length > 0) ?? []
    const text = renderSshConfig(builder ? [builder] : [], {
      key: () => '/Users/dev/Application Support/100%/key',
      knownHosts: '/known_hosts',
      master: (id) => `/masters/${id}`,
    })
    expect(text).toContain('IdentityFile "/Users/dev/Application Support/100%%/key"\n')
  })

  it.each(['/a"b', '/a\nb', '/a\\b', `/a$${'{HOME}'}`])('refuses the path %j', (bad) => {
    const [builders = []] = fc.sample(fc.array(builderSpecs, { minLength: 1 }), 1)
    const filled = [...builders.flat(), ...fc.sample(builderSpecs, 20).flat()]
    expect(() => renderSshConfig(filled.slice(0, 1), { ...paths, knownHosts: bad })).toThrow(RangeError)
  })
})

describe('the Include line', () => {
  it('added and removed leaves every byte', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        expect(removeFirstInclude(addFirstInclude(text, path), path)).toBe(text)
      }),
      thousand,
    )
  })

  it('comes first, once, and changes no other line', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const once = addFirstInclude(text, path)
        expect(once).toBe(`Include ${path}\n${text}`)
        expect(addFirstInclude(once, path)).toBe(once)
      }),
      thousand,
    )
  })
})
