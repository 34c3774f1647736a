import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RegisteredBuilder } from '../../../contract/builder'
import { anna, otto } from '../../differential/builders'
import { debianServer } from '../../fakes/machine'
import { createWorld, type World } from '../../fakes/world'
import { runInWorld } from './run-in-world'

function withBuilders(...builders: readonly RegisteredBuilder[]): World {
  const world = createWorld()
  const rest = { version: 1 as const, generation: 3, at: '', operation: 'put-builder', remoteOnly: false }
  world.root.state = { ...rest, existingBuilders: '', builders: [...builders] }
  return world
}

const on = { enabled: true, quarantined: false }

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-import-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'machines')
  writeFileSync(path, text)
  return path
}

it('export prints what is in force, and says what is off', async () => {
  const world = withBuilders({ ...anna, ...on }, { ...otto, ...on, enabled: false })
  const { status, out } = await runInWorld('export machines', world)
  expect(status).toBe(0)
  expect(out).toContain('# Not in here: otto is off.\n')
  expect(out).toContain('\nssh-ng://millwright-anna x86_64-linux /etc/nix/millwright/keys/anna 1 1 - - -\n')
  expect(out).not.toContain('millwright-otto')
})

it('export of one builder has it, on or off, and one that nobody knows is said', async () => {
  const world = withBuilders({ ...anna, ...on }, { ...otto, ...on, enabled: false })
  const { out } = await runInWorld('export nixos otto', world)
  expect(out).toContain('hostName = "millwright-otto";')
  expect(out).toContain('ProxyJump millwright-otto.jump')
  expect(out).not.toContain('millwright-anna')
  const unknown = await runInWorld('export nixos nobody', world)
  expect(unknown.status).toBe(1)
  expect(unknown.err).toContain('nobody')
})

it('an export holds nothing that only this computer has: no guard, no held connection', async () => {
  const world = withBuilders({ ...anna, ...on, sharing: 'on' })
  const { out } = await runInWorld('export ssh', world)
  expect(out).toContain('Host millwright-anna\n  HostName 10.0.0.7\n')
  expect(out).not.toMatch(/Match |\.shared|ControlPath \//)
  expect(out).toContain(`#   millwright-anna ssh-ed25519 ${anna.hostKeys[0]?.key}\n`)
})

it('import shows a plan for each that our own export names, with the key that it pins', async () => {
  const machine = debianServer('emil')
  const { hostKeys } = machine
  const exported = await runInWorld(
    'export nixos --json',
    withBuilders({ ...anna, ...on, id: 'emil', host: 'emil.lan', user: 'admin', hostKeys: [...hostKeys] }),
  )
  const world = createWorld(machine)
  const before = world.picture()
  const { out, err, status } = await runInWorld(
    `import --dry-run --password-stdin ${fileWith(exported.out)}`,
    world,
    'hunter2\n',
  )
  expect(err).toBe('')
  expect(out).toContain('admin@emil.lan:22\n')
  expect(out).toContain('emil')
  expect(status).toBe(0)
  expect(world.picture()).toEqual(before)
})

it('import takes a machine under another key than the pinned one for another machine', async () => {
  const exported = await runInWorld(
    'export machines --json',
    withBuilders({ ...anna, ...on, id: 'emil', host: 'emil.lan', user: 'admin' }),
  )
  const world = createWorld(debianServer('emil'))
  const { status, err } = await runInWorld(
    `import --yes --trust-new-host-key ${fileWith(exported.out)}`,
    world,
  )
  expect(status).not.toBe(0)
  expect(err).toContain('emil.lan')
  expect(world.root.state).toBeUndefined()
})

it('import says of each line that leads to no machine why, and goes on', async () => {
  const file = fileWith('/srv/store x86_64-linux\nssh://a!b\nssh-ng://nix@unreachable.lan x86_64-linux - x\n')
  const { status, err } = await runInWorld(`import ${file}`, createWorld())
  expect(status).toBe(1)
  expect(err).toContain('Left out: /srv/store: it is not reached by SSH.')
  expect(err).toContain('Left out: ssh://a!b: its address is none that can be logged in to.')
  expect(err).toContain('Left out: line 3: bad machine specification')
  const missing = await runInWorld('import /nowhere/at-all', createWorld())
  expect(missing.err).toBe('millwright: /nowhere/at-all cannot be read (ENOENT).\n')
})
