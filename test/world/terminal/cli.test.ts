import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { derivation, writeBuildersName } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright as runMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder', bare: 'bare', hole: 'blackhole' } as const
/** Long enough that several builds overlap. */
const someWork = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'
/** Copies that the tools of passwd(5) keep, sudo's note that somebody used it, Nix's and our own data. */
const exclude = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}-`),
  '/home/admin/.sudo_as_admin_successful',
  '/root/.cache',
  '/root/.local',
]
/** What adding a builder changes first. */
const ours = ['/etc/nix', '/root']
const paths = ['/etc', '/root', '/home', '/usr/local', '/var/lib/millwright', '/usr/lib/millwright']

describe.skipIf(!isRoot)(
  'the terminal on real hosts (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host
    let before: Record<'client' | 'anna' | 'otto', Tree>
    let untouched: Tree

    const millwright = (line: string, input?: string) =>
      runMillwright(client, line, input === undefined ? {} : { input })
    const json = (stdout: string) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const trees = async () => ({
      client: await client.tree(paths, { exclude }),
      anna: await fleet.host('anna').tree(paths, { exclude }),
      otto: await fleet.host('otto').tree(paths, { exclude }),
    })
    /** Builds small derivations at once as `dev`, remotely only; returns the hosts that ran them. */
    const buildAsDev = async (count = 1) => {
      const files = Array.from({ length: count }, (_, index) => `/tmp/build-${index}.nix`)
      for (const file of files)
        await client.writeFile(file, derivation({ script: `${someWork}; ${writeBuildersName}` }))
      const built = await client.exec(['nix-build', '--no-out-link', '-j0', ...files], {
        user: 'dev',
        timeoutMs: 60_000,
      })
      const outputs = built.stdout.trim().split('\n').filter(Boolean)
      const names = await Promise.all(outputs.map((path) => client.readFile(path)))
      return { code: built.code, stderr: built.stderr, on: names.map((name) => name.trim()) }
    }
    const addAnna = () => {
      const { passwords } = fleet.credentials
      return millwright(
        'add admin@anna --trust-new-host-key --yes --password-stdin --sudo-password-stdin --speed-factor 1 --json',
        `${passwords.admin}\n${passwords.admin}\n`,
      )
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      before = await trees()
      untouched = await client.tree(ours, { exclude })
    })

    afterAll(() => fleet?.close())

    it('begins with no builders', async () => {
      const { code, stdout } = await millwright('list')
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'No builders yet\n' })
    })

    it('shows the plan with --dry-run and changes nothing', async () => {
      const { code, stdout, stderr } = await millwright(
        'add easy@otto --identity /tmp/key --trust-new-host-key --yes --dry-run',
      )
      expect(stderr).toBe('')
      expect(code).toBe(0)
      expect(stdout).toContain('nixremote')
      expect(await trees()).toEqual(before)
    })

    it('adds a builder by password, with sudo’s password, and proves it', async () => {
      const { code, stdout, stderr } = await addAnna()
      expect(stderr).toBe('')
      const documents = json(stdout)
      expect(documents.at(-1)).toMatchObject({
        result: 'added',
        id: 'anna',
        proof: { ok: true, builtOn: 'anna' },
      })
      expect(code).toBe(0)
      const done = documents.filter((document) => document.state === 'done').map((document) => document.step)
      expect(done).toEqual(['connect', 'inspect', 'plan', 'register', 'provision', 'prove', 'enable'])
    })

    it('adds another by key, with sudo that asks for nothing', async () => {
      const { code, stdout, stderr } = await millwright(
        'add easy@otto --identity /tmp/key --trust-new-host-key --yes --speed-factor 1',
      )
      expect(stderr).toBe('')
      expect(code).toBe(0)
      expect(stdout).toMatch(/otto is ready\. Built on otto in [\d.]+ s\./)
    })

    it('lists both, in words and as the documented JSON', async () => {
      expect((await millwright('list')).stdout).toContain('All 2 builders ready')
      const [document] = json((await millwright('list --json')).stdout)
      expect(document).toMatchObject({
        version: 1,
        builders: [
          { id: 'anna', port: 22, user: 'nixremote', protocol: 'ssh-ng', enabled: true },
          { id: 'otto', user: 'nixremote', enabled: true },
        ],
      })
      expect(document.builders[0].hostKeys[0].fingerprint).toMatch(/^SHA256:/)
    })

    it('lets the desktop user, who is no trusted user, build on both', async () => {
      const built = await buildAsDev(6)
      expect(built).toMatchObject({ code: 0 })
      expect(new Set(built.on)).toEqual(new Set(['anna', 'otto']))
    })

    it('gives a paused builder nothing, and tests it all the same', async () => {
      expect((await millwright('pause anna')).code).toBe(0)
      expect(new Set((await buildAsDev(4)).on)).toEqual(new Set(['otto']))
      const test = await millwright('test anna --json')
      expect(json(test.stdout)[0]).toMatchObject({ ok: true, builder: 'anna', builtOn: 'anna' })
      expect((await millwright('resume anna')).code).toBe(0)
      expect(new Set((await buildAsDev(6)).on)).toEqual(new Set(['anna', 'otto']))
    })

    it('refuses to add the same builder twice', async () => {
      const { code, stderr } = await millwright('add easy@otto --name otto --identity /tmp/key --yes')
      expect(code).toBe(1)
      expect(stderr).toContain('otto')
    })

    it('shows every file it owns, and no private key', async () => {
      const { stdout } = await millwright('files')
      expect(stdout).toContain('/etc/nix/millwright/')
      expect(stdout).toContain('On anna')
      expect(stdout).not.toContain('PRIVATE KEY')
    })

    it('goes back to an earlier configuration', async () => {
      await millwright('pause otto')
      expect((await millwright('rollback')).code).toBe(0)
      const [document] = json((await millwright('list --json')).stdout)
      expect(document.builders.map((builder: { enabled: boolean }) => builder.enabled)).toEqual([true, true])
    })

    it('removes both, and leaves every host as it was', async () => {
      const { passwords } = fleet.credentials
      const secrets = `${passwords.admin}\n${passwords.admin}\n`
      const anna = await millwright('remove anna --yes --password-stdin --sudo-password-stdin', secrets)
      expect(anna).toMatchObject({ code: 0, stderr: '' })
      expect(new Set((await buildAsDev(2)).on)).toEqual(new Set(['otto']))
      expect(await millwright('remove otto --yes')).toMatchObject({ code: 0, stderr: '' })
      expect(await trees()).toEqual(before)
    })

    it.each([
      ['a host that drops every packet', 'add admin@hole --yes --trust-new-host-key', 1, /answer|reach/],
      ['a name that nobody knows', 'add admin@nobody.invalid --yes', 1, /nobody\.invalid/],
      ['a wrong password', 'add admin@anna --yes --trust-new-host-key --password-stdin', 1, /anna/],
      ['a host without Nix', 'add easy@bare --yes --trust-new-host-key --identity /tmp/key', 1, /Nix/],
      [
        'a system that it cannot build',
        'add easy@otto --yes --trust-new-host-key --identity /tmp/key --systems riscv64-linux',
        1,
        /riscv64/,
      ],
      ['an address that is none', 'add admin@an;na --yes', 2, /address/i],
      ['localhost', 'add admin@LocalHost --yes', 2, /this computer/i],
      [
        'nobody to ask about the host key',
        'add easy@otto --name fresh --yes --identity /tmp/key --accept-host-key',
        2,
        /host-key/,
      ],
    ])('answers %s in words and changes nothing', async (_, line, status, words) => {
      const { code, stderr } = await millwright(line, 'wrong\n')
      expect(stderr).toMatch(words)
      expect(code).toBe(status)
      expect(await client.tree(ours, { exclude })).toEqual(untouched)
    })
  },
)
