import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { hasNewerNix } from '../fleet/images'
import type { Tree } from '../fleet/tree'
import { derivation, thisSystem } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { old: 'client', young: 'client-new', anna: 'builder', nina: 'builder-new' } as const
type Name = keyof typeof hosts
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  '/root/.cache',
  '/root/.local',
  ...['.cache', '.local'].map((name) => `/home/dev/${name}`),
]
const paths = ['/etc', '/root', '/home', '/usr/local', '/var/lib/millwright', '/usr/lib/millwright']

let fleet: Fleet<Name>
beforeAll(async () => {
  if (!isRoot || !hasNewerNix) return
  fleet = await openFleet({ hosts })
  await Promise.all(
    (['old', 'young'] as const).map(async (name) => {
      expect((await installHelperOn(fleet.host(name))).code).toBe(0)
      await fleet.host(name).writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
    }),
  )
})
afterAll(() => fleet?.close())

describe.skipIf(!isRoot || !hasNewerNix).each([
  ['2.8', '2.8', 'old', 'anna'],
  ['2.8', '2.26', 'old', 'nina'],
  ['2.26', '2.8', 'young', 'anna'],
  ['2.26', '2.26', 'young', 'nina'],
] as const)('from Nix %s to a builder with %s (needs root and `npm run setup`)', (from, to, here, there) => {
  let client: Host
  let builder: Host
  let before: readonly [Tree, Tree]
  const trees = async () =>
    [await client.tree(paths, { exclude }), await builder.tree(paths, { exclude })] as const
  const terminal = (line: string) => millwright(client, line)
  const json = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  const build = (attribute: string, ...options: string[]) =>
    client.exec(['nix-build', '--no-out-link', '/tmp/builds.nix', '-A', attribute, ...options], {
      user: 'dev',
    })

  beforeAll(async () => {
    client = fleet.host(here)
    builder = fleet.host(there)
    before = await trees()
    await client.writeFile('/tmp/builds.nix', chain())
  })

  it('stands on these versions', async () => {
    expect(await client.must(['nix', '--version'])).toContain(` ${from}.`)
    expect(await builder.must(['nix', '--version'])).toContain(` ${to}.`)
  })

  it('adds the builder and proves it', async () => {
    const added = await terminal(`add easy@${there} --identity /root/key --trust-new-host-key --yes --json`)
    expect(added).toMatchObject({ code: 0, stderr: '' })
    expect(json(added.stdout)).toMatchObject({ result: 'added', proof: { ok: true, builtOn: there } })
  })

  it('builds there for an untrusted user, also from what was built here and never signed', async () => {
    const input = await build('input', '--option', 'builders', '')
    expect(await client.readFile(input.stdout.trim())).toBe(`${here}\n`)
    const output = await build('output', '-j0')
    expect(output).toMatchObject({ code: 0 })
    expect(await client.readFile(output.stdout.trim())).toBe(`${here} ${there}\n`)
  })

  it('gives it nothing while paused, and tests it all the same', async () => {
    expect((await terminal(`pause ${there}`)).code).toBe(0)
    expect((await build('other', '-j0')).code).not.toBe(0)
    const test = await terminal(`test ${there} --json`)
    expect(json(test.stdout)).toMatchObject({ ok: true, builtOn: there })
    expect((await terminal(`resume ${there}`)).code).toBe(0)
    const output = await build('other', '-j0')
    expect(await client.readFile(output.stdout.trim())).toBe(`${there}\n`)
  })

  it('copies what was built over there, before its key and after, nothing unsigned, and nothing once off', async () => {
    const copied = async (name: string, ...options: string[]) => {
      await builder.writeFile('/tmp/made.nix', derivation({ name }))
      // As root, because nobody else may build without the key.
      const made = await builder.must(['nix-build', '--no-out-link', ...options, '/tmp/made.nix'])
      return async () => {
        await client.writeFile('/tmp/wanted.nix', await builder.readFile('/tmp/made.nix'))
        const only = ['--no-out-link', '-j0', '--option', 'builders', '']
        const { code, stdout } = await client.exec(['nix-build', ...only, '/tmp/wanted.nix'], {
          user: 'dev',
        })
        return { code, isIt: stdout === made }
      }
    }
    const old = await copied('old')
    expect(await terminal(`substituter ${there} on --yes`)).toMatchObject({ code: 0, stderr: '' })
    expect(await millwright(client, `substituter ${there} on`, { user: 'dev' })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(await old()).toEqual({ code: 0, isIt: true })
    expect(await (await copied('fresh'))()).toEqual({ code: 0, isIt: true })
    expect((await (await copied('plain', '--option', 'secret-key-files', ''))()).code).not.toBe(0)
    expect(await millwright(client, `substituter ${there} off`, { user: 'dev' })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect((await (await copied('off'))()).code).not.toBe(0)
  })

  it('says that the host key changed, and that alone', async () => {
    await builder.must([
      'sh',
      '-c',
      'cp -a /etc/ssh /root/ssh && ssh-keygen -q -t ed25519 -N "" -f /tmp/other',
    ])
    await builder.must(['sh', '-c', 'cd /etc/ssh && rm ssh_host_* && mv /tmp/other ssh_host_ed25519_key'])
    await builder.must([
      'sh',
      '-c',
      'mv /tmp/other.pub /etc/ssh/ssh_host_ed25519_key.pub; systemctl restart ssh',
    ])
    const test = await terminal(`test ${there} --json`)
    expect(json(test.stdout)).toMatchObject({ ok: false, failure: { code: 'HOST_KEY_CHANGED' } })
    await builder.must(['sh', '-c', 'rm -rf /etc/ssh && mv /root/ssh /etc/ssh && systemctl restart ssh'])
  })

  it('removes it without a trace on either side', async () => {
    const removed = await terminal(`remove ${there} --yes`)
    expect(removed).toMatchObject({ code: 0, stderr: '' })
    expect(await trees()).toEqual(before)
  })
})

/** `input` says where it was built, `output` repeats that and says where itself was, `other` stands alone. */
function chain(): string {
  const host = 'read -r host </proc/sys/kernel/hostname'
  const output = `derivation {
  name = "output";
  system = "${thisSystem}";
  builder = "/bin/sh";
  args = [ "-c" "read -r input <\${input}; ${host}; echo $input $host >$out" ];
}`
  return `let input = ${derivation({ name: 'input' })}; in {
  inherit input;
  output = ${output};
  other = ${derivation({ name: 'other' })};
}`
}
