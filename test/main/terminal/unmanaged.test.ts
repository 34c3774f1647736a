import { expect, it } from 'vitest'
import type { OtherLine } from '../../../contract/daemon'
import { debianServer } from '../../fakes/machine'
import { createWorld, type World } from '../../fakes/world'
import { runInWorld } from './run-in-world'

const line = (host: string, at: number, change: Partial<OtherLine> = {}): OtherLine => ({
  ...{ key: String(at).repeat(64), file: '/etc/nix/machines', line: at },
  machine: {
    ...{
      uri: `ssh-ng://nix@${host}`,
      systems: ['x86_64-linux'],
      sshKey: '/root/.ssh/id',
      maxJobs: 4,
      speedFactor: 2,
    },
    ...{ supportedFeatures: ['kvm'], mandatoryFeatures: [] },
  },
  ...change,
})

function withOthers(...others: readonly OtherLine[]): World {
  const world = createWorld(debianServer('legacy', { trustInForce: ['root', 'nix'] }))
  world.root.others = [...others]
  return world
}

it('list names builders that others wrote, also where we have none, with the place of each line', async () => {
  const { status, out } = await runInWorld(
    'list',
    withOthers(line('legacy', 2), line('old', 3, { isDeclared: true })),
  )
  expect(status).toBe(0)
  expect(out).toContain('No builders yet')
  expect(out).toMatch(/^legacy +not looked at +x86_64-linux +\? of 4 +\/etc\/nix\/machines:2$/m)
  expect(out).toMatch(/^old .*\/etc\/nix\/machines:3, made by a rebuild$/m)
})

it('status asks each as root, and says who answers and why another does not', async () => {
  const { status, out } = await runInWorld('status', withOthers(line('legacy', 2), line('gone', 3)))
  expect(status).toBe(0)
  expect(out).toMatch(/^legacy +answers in 14 ms /m)
  expect(out).toMatch(/^gone +The machine does not answer/m)
})

it('a line that only root may read is said by its place alone', async () => {
  const { machine: _, ...hidden } = line('secret', 4, { file: '/root/machines' })
  const { out } = await runInWorld('list --json', withOthers(hidden))
  expect(JSON.parse(out).unmanaged).toMatchObject([
    { name: '/root/machines:4', where: '/root/machines:4', store: null, maxJobs: null, answer: null },
  ])
})

it('the same in JSON, with every column', async () => {
  const { out } = await runInWorld('status --json', withOthers(line('legacy', 2)))
  expect(JSON.parse(out).unmanaged).toMatchObject([
    {
      ...{ name: 'legacy', where: '/etc/nix/machines:2', declared: false, store: 'ssh-ng://nix@legacy' },
      ...{ systems: ['x86_64-linux'], sshKey: '/root/.ssh/id', maxJobs: 4, speedFactor: 2 },
      ...{ supportedFeatures: ['kvm'], sameAs: null, answer: { latencyMs: 14, failure: null } },
    },
  ])
})

it('export holds them beside ours, as lines and as Nix', async () => {
  const world = withOthers(line('legacy', 2))
  const { out } = await runInWorld('export machines', world)
  expect(out).toContain('\nssh-ng://nix@legacy x86_64-linux /root/.ssh/id 4 2 kvm - -\n')
  expect((await runInWorld('export nixos', world)).out).toContain('sshUser = "nix";')
})

it('adopt moves a line after a yes alone, and remove gives it back without a login there', async () => {
  const world = withOthers(line('legacy', 2))
  const asked = await runInWorld('adopt legacy', world)
  expect(asked.status).toBe(3)
  expect(world.root.state).toBeUndefined()
  const { status, out, err } = await runInWorld('adopt legacy --name old --yes', world)
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toContain('old is managed by Millwright now. To give its line back: millwright remove old\n')
  expect(world.root.others).toEqual([])
  const removed = await runInWorld('remove old --yes', world)
  expect(removed).toMatchObject({ status: 0, err: '' })
  expect(removed.out).toContain('its line goes back to /etc/nix/machines')
  expect(world.root.others).toEqual([line('legacy', 2)])
  expect(world.root.state).toBeUndefined()
})

it('adopt says of a name that is nobody’s, or of two, which there are', async () => {
  const world = withOthers(line('legacy', 2), line('legacy', 3))
  expect((await runInWorld('adopt nobody --yes', world)).err).toContain(
    'no builder of others is called nobody',
  )
  const { status, err } = await runInWorld('adopt legacy --yes', world)
  expect({ status, err }).toEqual({
    status: 1,
    err: 'millwright: legacy is each of /etc/nix/machines:2, /etc/nix/machines:3: say which by that.\n',
  })
  expect((await runInWorld('adopt /etc/nix/machines:3 --yes', world)).status).toBe(0)
})
