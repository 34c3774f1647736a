import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { optionsLacking, pinnedOptions } from '../../../core/ssh/pinned-options'
import { addFirstInclude, removeFirstInclude, renderSshConfig } from '../../../core/ssh/ssh-config'
import { builderSpecs, messyText, thousand } from '../../fixtures/arbitraries'

const paths = {
  key: (id: string) => `/keys/${id}`,
  knownHosts: '/known_hosts',
  master: (id: string) => `/masters/${id}`,
}
const path = '/etc/nix/millwright/current/ssh_config'

/** Each by its lines, the first without its `Host`. */
const stanzasOf = (text: string) =>
  text
    .split(/^Host /m)
    .slice(1)
    .map((stanza) => stanza.trim().split('\n'))

describe('the ssh_config of the builders', () => {
  it('has one stanza a host, each pinned by its own alias, and nothing outside the template', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const stanzas = stanzasOf(renderSshConfig(builders, paths))
        const own = stanzas.slice(0, -1)
        expect(own).toHaveLength(builders.length + builders.filter(({ jump }) => jump).length)
        for (const [alias = '', ...lines] of own) {
          expect(lines).toHaveLength(7)
          expect(lines).toContain(`  HostKeyAlias ${alias}`)
        }
        for (const [, ...lines] of stanzas)
          expect(lines.filter((line) => !/^ {2}[A-Za-z0-9]+ \S+( 0)?$/.test(line))).toEqual([])
      }),
      thousand,
    )
  })

  it('says what all have in common once, of exactly its own names', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const stanzas = stanzasOf(renderSshConfig(builders, paths))
        const [names = '', ...common] = stanzas.at(-1) ?? []
        expect(names.split(' ').filter(Boolean)).toEqual(stanzas.slice(0, -1).map(([alias]) => alias))
        const expected = ['UserKnownHostsFile /known_hosts', ...pinnedOptions.map((one) => one.join(' '))]
        if (builders.length > 0) expect(common).toEqual(expected.map((line) => `  ${line}`))
      }),
      thousand,
    )
  })

  it('names a new key in a stanza of its own, with no other key, and pins the host as ever', () => {
    fc.assert(
      fc.property(builderSpecs, (specs) => {
        const builders = specs.map((one) => ({ ...one, nextBuildKey: 'ssh-ed25519 AAAA' }))
        const stanzas = stanzasOf(renderSshConfig(builders, paths))
        for (const { id, jump } of builders) {
          const own = stanzas.find(([alias]) => alias === `millwright-${id}.new`) ?? []
          expect(own.filter((line) => line.includes('IdentityFile'))).toEqual([
            `  IdentityFile /keys/${id}.new`,
          ])
          expect(own).toContain(`  HostKeyAlias millwright-${id}`)
          expect(own).toContain('  ControlPath none')
          if (!jump) continue
          expect(own).toContain(`  ProxyJump millwright-${id}.jump.new`)
          const before = stanzas.find(([alias]) => alias === `millwright-${id}.jump.new`) ?? []
          expect(before).toContain(`  IdentityFile /keys/${id}.new`)
          expect(before).toContain(`  HostKeyAlias millwright-${id}.jump`)
        }
        const old = renderSshConfig(specs, paths).split('\n\nHost ').slice(0, -1)
        for (const stanza of old) expect(renderSshConfig(builders, paths)).toContain(stanza)
      }),
    )
  })

  it('asks the guard before each builder’s own stanza, by words that no shell takes apart', () => {
    fc.assert(
      fc.property(builderSpecs, (builders) => {
        const text = renderSshConfig(builders, { ...paths, guard: '/usr/lib/my millwright/guard' })
        for (const { id, host, port, jump } of builders) {
          const first = jump ?? { host, port }
          const beyond = jump ? ` millwright-${id}.jump ${host} ${port}` : ''
          const condition = `originalhost millwright-${id} exec "'/usr/lib/my millwright/guard' ask ${id} ${first.host} ${first.port}${beyond}"`
          const instead = `  ProxyCommand '/usr/lib/my millwright/guard' say ${id}${jump ? ` ${jump.host}` : ''}`
          expect(text).toContain(`Match ${condition}\n${instead}\n\nHost millwright-${id}\n`)
        }
        expect(text.match(/^Match /gm) ?? []).toHaveLength(builders.length)
      }),
      thousand,
    )
  })

  it.each(['/a"b/guard', '/a%h/guard', "/a'b/guard", 'guard', '/a\nb'])(
    'goes without the guard %j',
    (guard) => {
      const some = fc.sample(builderSpecs, 50).find((specs) => specs.length > 0) ?? []
      expect(renderSshConfig(some, { ...paths, guard })).toBe(renderSshConfig(some, paths))
    },
  )

  it('leaves out what the ssh here does not know', () => {
    const said = [
      '/tmp/x: line 3: Bad configuration option: sessiontype',
      '/tmp/x line 34: Unsupported option "gssapiauthentication"',
      '/tmp/x: terminating, 1 bad configuration options',
    ]
    const lacking = optionsLacking(said.join('\r\n'))
    expect(lacking).toEqual(['sessiontype', 'gssapiauthentication'])
    const some = fc.sample(builderSpecs, 50).find((specs) => specs.length > 0) ?? []
    const text = renderSshConfig(some, paths, new Set(lacking))
    expect(text).not.toMatch(/SessionType|GSSAPIAuthentication/)
    expect(text).toContain('  RequestTTY no\n')
  })

  it('lets builds go through a held connection once that is proven, and never lets ssh hold one itself', () => {
    fc.assert(
      fc.property(builderSpecs, fc.constantFrom('trying', 'on', 'failed', undefined), (specs, sharing) => {
        const builders = specs.map((spec) => ({ ...spec, ...(sharing ? { sharing } : {}) }))
        const text = renderSshConfig(builders, paths)
        for (const stanza of text.split(/^Host /m).slice(1, -1)) {
          const alias = stanza.split('\n')[0] ?? ''
          const isThrough = alias.endsWith('.shared')
          const goesThrough = isThrough || (sharing === 'on' && !alias.endsWith('.jump'))
          const id = alias.replace(/^millwright-/, '').replace('.shared', '')
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
        const names = stanzasOf(renderSshConfig(builders, paths))
          .slice(0, -1)
          .map(([name]) => name)
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
