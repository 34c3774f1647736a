import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jumpAlias, sshAlias } from '../../core/ssh/alias'
import { addFirstInclude } from '../../core/ssh/ssh-config'
import { builderSpec } from '../fixtures/arbitraries'
import { hasProgram, run, temporaryFolder } from './programs'
import { configFor, generations } from './ssh-generations'

/** What somebody else's settings for all hosts might do to ours. */
const foreign = (proxy: string) => `Host *
  User somebody
  Port 99
  ${proxy}
  StrictHostKeyChecking no
  VerifyHostKeyDNS yes
  UserKnownHostsFile /tmp/theirs
  ControlMaster auto
  ControlPath /tmp/%C
  ForwardAgent yes
  BatchMode no
  ConnectTimeout 99
`

const proxies = ['ProxyCommand nc %h %p', 'ProxyJump elsewhere', 'ProxyJump none']
const builders = fc
  .sample(builderSpec, 100)
  .map((spec, index) => ({ ...spec, id: `b${index}-${spec.id}`.slice(0, 32) }))
const paths = {
  key: (id: string) => `/etc/my keys/100%/${id}`,
  knownHosts: '/etc/known hosts',
  master: (id: string) => `/my masters/${id}`,
}

const [installed = []] = generations.map(({ argv }) => argv)

/** ssh rewrites an IPv6 address into its shortest form. */
function canonical(host: string): string {
  return host.includes(':') ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host.toLowerCase()
}

function effective(file: string, alias: string): Map<string, string> {
  const { status, stdout, stderr } = run('ssh', ['-T', '-G', '-F', file, alias])
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
      .reverse(),
  )
}

describe.skipIf(!hasProgram('ssh'))('ssh -G', { timeout: 60_000 }, () => {
  it.each(proxies)('finds 40 builders as they were written before somebody’s %s', (proxy) => {
    const folder = temporaryFolder()
    const ours = join(folder, 'ssh_config')
    const theirs = join(folder, 'config')
    writeFileSync(ours, configFor(installed, builders, paths), { mode: 0o600 })
    writeFileSync(theirs, addFirstInclude(foreign(proxy), ours), { mode: 0o600 })
    for (const { id, host, port, user, jump } of builders) {
      const found = effective(theirs, sshAlias(id))
      expect(canonical(found.get('hostname') ?? '')).toBe(canonical(host))
      expect(Object.fromEntries(found)).toMatchObject({
        port: String(port),
        user,
        hostkeyalias: sshAlias(id),
        identitiesonly: 'yes',
        stricthostkeychecking: 'true',
        verifyhostkeydns: 'false',
        updatehostkeys: 'false',
        globalknownhostsfile: '/dev/null',
        batchmode: 'yes',
        connecttimeout: '5',
        serveraliveinterval: '15',
        serveralivecountmax: '3',
        forwardagent: 'no',
        controlmaster: 'false',
      })
      expect(found.get('userknownhostsfile')).toBe('/etc/known hosts')
      expect(found.get('identityfile')).toBe(`/etc/my keys/100%%/${id}`)
      expect(found.get('controlpath') ?? 'none').toBe('none')
      expect(found.get('proxycommand')).toBeUndefined()
      expect(found.get('proxyjump')).toBe(jump ? jumpAlias(id) : undefined)
      if (jump) {
        const way = effective(theirs, jumpAlias(id))
        expect(canonical(way.get('hostname') ?? '')).toBe(canonical(jump.host))
        expect(way.get('proxycommand') ?? way.get('proxyjump')).toBeUndefined()
        expect(Object.fromEntries(way)).toMatchObject({
          port: String(jump.port),
          user: jump.user,
          hostkeyalias: jumpAlias(id),
          stricthostkeychecking: 'true',
        })
      }
    }
  })

  it.each(proxies)('leaves other hosts to %s', (proxy) => {
    const folder = temporaryFolder()
    const ours = join(folder, 'ssh_config')
    const theirs = join(folder, 'config')
    writeFileSync(ours, configFor(installed, builders, paths), { mode: 0o600 })
    writeFileSync(theirs, foreign(proxy), { mode: 0o600 })
    const before = effective(theirs, 'elsewhere')
    writeFileSync(theirs, addFirstInclude(foreign(proxy), ours), { mode: 0o600 })
    expect(effective(theirs, 'elsewhere')).toEqual(before)
  })
})
