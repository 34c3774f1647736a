import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', bert: 'busybox', single: 'single-user' } as const
const paths = ['/etc', '/root', '/home', '/var/lib/millwright']
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  ...['/root', '/home/dev', '/home/solo'].flatMap((home) => [`${home}/.cache`, `${home}/.nix-defexpr`]),
  ...['/root/.local', '/home/dev/.nix-profile', '/home/solo/.nix-profile', '/root/.nix-profile'],
]
/** What Alpine restarts its daemon by. */
const rcService = `#!/bin/sh
case "$*" in
'--exists nix-daemon') ;;
'nix-daemon restart') service-by-hand stop nix-daemon; service-by-hand start nix-daemon ;;
*) exit 1 ;;
esac
`

describe.skipIf(!isRoot)('kinds of builder (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<keyof typeof hosts>
  let client: Host

  const treeOf = (name: keyof typeof hosts): Promise<Tree> => fleet.host(name).tree(paths, { exclude })
  /** The same by what busybox can. */
  const listOfBert = async () => {
    const list = "-exec stat -c '%f %u:%g %N' {} + ; find $0 $@ -type f -exec sha256sum {} +"
    const { stdout } = await fleet.host('bert').exec(['sh', '-c', `find $0 $@ ${list}`, ...paths])
    const isCache = (line: string) => /\/etc\/(passwd|shadow|group|gshadow)-/.test(line)
    return stdout
      .split('\n')
      .filter((line) => !isCache(line))
      .sort()
  }
  const must = async (line: string) => {
    const { code, stderr, stdout } = await millwright(client, line, { timeoutMs: 90_000 })
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
    return stdout
  }
  const add = (who: string) => must(`add ${who} --identity /tmp/key --trust-new-host-key --yes`)
  /** By an ordinary person, who may build nothing here. */
  const buildRemotely = async (options: readonly string[] = []) => {
    await client.writeFile('/tmp/far.nix', derivation())
    const build = ['nix-build', '-j0', '--no-out-link', ...options, '/tmp/far.nix']
    const { code, stdout } = await client.exec(build, { user: 'dev', timeoutMs: 40_000 })
    return code === 0 ? await client.readFile(stdout.trim()) : undefined
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts })
    client = fleet.host('client')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
    const bert = fleet.host('bert')
    await bert.writeFile('/usr/sbin/rc-service', rcService, { mode: '0755' })
    const accounts = readFileSync(join(import.meta.dirname, 'busybox-accounts.sh'), 'utf8')
    for (const name of ['adduser', 'addgroup', 'deluser', 'delgroup', 'chpasswd'])
      await bert.writeFile(`/usr/bin/${name}`, accounts, { mode: '0755' })
    await fleet.host('single').must(['nix-store', '--verify'], { user: 'solo' })
  }, 150_000)

  afterAll(() => fleet?.close())

  it('busybox alone, with doas and rc-service: builds, pauses, and is as before', async () => {
    const before = { client: await treeOf('client'), bert: await listOfBert() }
    expect(await add('easy@bert')).toContain('Built on bert')
    expect(await buildRemotely()).toBe('bert\n')
    await must('pause bert')
    expect(await buildRemotely()).toBeUndefined()
    await must('remove bert --yes')
    expect(await listOfBert()).toEqual(before.bert)
    expect(await treeOf('client')).toEqual(before.client)
  })

  it('a store of one person’s vouches for what it builds by a key of theirs, and is as before', async () => {
    const single = fleet.host('single')
    const before = { client: await treeOf('client'), single: await treeOf('single') }
    expect(await add('solo@single')).toContain('Built on single')
    const added = await treeOf('single')
    await must('substituter single on --everyone --yes')
    const key = '/home/solo/.local/share/millwright/signing-key'
    expect(await single.must(['stat', '-c', '%a %U', key])).toBe('600 solo\n')
    expect(await must('files')).toContain('/home/solo/.local/share/millwright/signing-key')
    await single.writeFile('/tmp/made.nix', derivation())
    await single.must(['nix-build', '--no-out-link', '/tmp/made.nix'], { user: 'solo' })
    await client.writeFile('/tmp/wanted.nix', await single.readFile('/tmp/made.nix'))
    const fetch = ['nix-build', '-j0', '--no-out-link', '--option', 'builders', '', '/tmp/wanted.nix']
    const out = (await client.must(fetch, { user: 'dev', timeoutMs: 40_000 })).trim()
    expect(await client.readFile(out)).toBe('single\n')
    await must('substituter single off --everyone --yes')
    expect(await treeOf('single')).toEqual(added)
    await must('substituter single on --everyone --yes')
    await must('remove single --yes')
    expect(await treeOf('single')).toEqual(before.single)
    expect(await treeOf('client')).toEqual(before.client)
  })
})
