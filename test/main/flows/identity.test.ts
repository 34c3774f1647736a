import { describe, expect, it } from 'vitest'
import { hostKey } from '../../fakes/keys'
import { debianServer, type Machine, unprivilegedServer } from '../../fakes/machine'
import { add, emptyStage, type Stage, stageWith } from './stage'

/** The same machine under another name. */
const alias = (machine: Machine, name: string): Machine => ({ ...machine, name, host: `${name}.lan` })

/** Adds a machine that must be refused after the look, and before anything is changed. */
async function refused(stage: Stage, address: string, options?: Parameters<typeof add>[2]) {
  const before = stage.world.picture()
  const job = await add(stage, address, options)
  expect(stage.world.picture()).toEqual(before)
  expect(job).toMatchObject({ state: 'failed', changed: false, failure: { step: 'inspect' } })
  expect(job?.plan).toBeUndefined()
  return job?.failure
}

/** `anna` is a builder, and can be reached by another name. */
async function annaTwice(change: Partial<Machine> = {}) {
  const anna = debianServer('anna')
  const stage = await stageWith(anna)
  const { world } = emptyStage(anna, { ...alias(anna, 'north'), ...change })
  for (const [name, machine] of world.machines)
    (stage.world.machines as Map<string, Machine>).set(name, machine)
  return stage
}

describe('a machine that is a builder already', () => {
  it('is known by its own name', async () => {
    expect(await refused(await stageWith(), 'admin@anna.lan')).toMatchObject({
      code: 'MACHINE_IS_BUILDER',
      facts: { builder: 'anna', since: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    })
  })

  it('is known by its own name under which it is to be added', async () => {
    const failure = await refused(await stageWith(), 'admin@anna.lan', { id: 'anna' })
    expect(failure).toMatchObject({ code: 'MACHINE_IS_BUILDER', facts: { builder: 'anna' } })
  })

  it('is known by any other name', async () => {
    const failure = await refused(await annaTwice(), 'admin@north.lan')
    expect(failure).toMatchObject({
      code: 'MACHINE_IS_BUILDER',
      facts: { builder: 'anna', host: 'north.lan' },
    })
  })

  it('is known by one key in common', async () => {
    const stage = await annaTwice()
    const north = stage.world.machines.get('north')
    if (north) north.hostKeys = [hostKey(900), ...north.hostKeys, hostKey(901)]
    expect(await refused(stage, 'admin@north.lan')).toMatchObject({ code: 'MACHINE_IS_BUILDER' })
  })

  it('is known where another user of this computer added it', async () => {
    const stage = await annaTwice()
    stage.world.data.builders.clear()
    const failure = await refused(stage, 'admin@north.lan')
    expect(failure).toMatchObject({ code: 'MACHINE_IS_BUILDER', facts: { builder: 'anna' } })
    expect(failure?.facts.since).toBeUndefined()
  })

  it('is told from a copy of its disk, which is refused in other words', async () => {
    const stage = await annaTwice({ machineId: 'machine-of-a-copy' })
    expect(await refused(stage, 'admin@north.lan')).toMatchObject({ code: 'MACHINE_LIKE_BUILDER' })
  })

  it('is no other machine that has taken over nothing but the machine-id', async () => {
    const stage = await annaTwice({ hostKeys: [hostKey(902)] })
    expect((await add(stage, 'admin@north.lan'))?.state).toBe('done')
  })
})

describe('a machine that is added under two names at once', () => {
  it.each([
    ['the first builder', []],
    ['one more', [debianServer('otto')]],
  ])('is one builder, whichever of them was first, as %s', async (_, others) => {
    const anna = debianServer('anna')
    const stage = emptyStage(anna, alias(anna, 'north'), ...others)
    for (const { host } of others) await add(stage, `admin@${host}`)
    const before = stage.world.picture()
    const jobs = await Promise.all([add(stage, 'admin@anna.lan'), add(stage, 'admin@north.lan')])
    const [won, lost] = [...jobs].sort((a, b) => (a?.state ?? '').localeCompare(b?.state ?? ''))
    const winner = won?.builderId ?? ''
    expect(won?.state).toBe('done')
    expect(lost).toMatchObject({
      ...{ state: 'failed', leftBehind: [] },
      failure: { code: 'MACHINE_IS_BUILDER', step: 'register', facts: { builder: winner } },
    })
    expect([...stage.world.data.builders.keys()].filter((id) => id !== 'otto')).toEqual([winner])
    const known = [...anna.files.values()].join('\n')
    expect(known).toContain(stage.world.data.secrets.get('monitor-key.pub'))
    await stage.app.run(stage.app.handlers['remove-builder']({ id: winner, localOnly: false }))
    const { computer, machines } = stage.world.picture()
    expect(machines).toEqual(before.machines)
    expect(computer.root).toEqual(before.computer.root)
  })
})

describe('an address that leads to another builder now', () => {
  it('is told as that, and the other’s key is not taken for a new one of the first', async () => {
    const [anna, otto] = [debianServer('anna'), debianServer('otto')]
    const stage = await stageWith(anna, otto)
    otto.hostKeys = anna.hostKeys
    const before = stage.world.picture()
    const job = await stage.app.run(stage.app.handlers['accept-host-key']({ id: 'otto' }))
    expect(job).toMatchObject({
      state: 'failed',
      failure: { code: 'MACHINE_IS_BUILDER', facts: { builder: 'anna', host: 'otto.lan' } },
    })
    expect(stage.world.picture()).toEqual(before)
  })
})

describe('an attempt that was not finished', () => {
  it('is named where the machine is added under another name, and goes on under its own', async () => {
    const stage = await annaTwice()
    const { world } = stage
    const [builder] = world.root.state?.builders ?? []
    if (builder) builder.enabled = false
    const record = world.data.builders.get('anna')
    if (record) {
      const { proof: _, ...unproven } = record
      world.data.builders.set('anna', unproven)
    }
    expect(await refused(stage, 'admin@north.lan')).toMatchObject({
      code: 'MACHINE_IS_BUILDER',
      facts: { builder: 'anna', unfinished: expect.any(String) },
    })
    expect((await add(stage, 'admin@north.lan', { id: 'anna' }))?.state).toBe('done')
  })
})

describe('a name that is taken', () => {
  it('is refused for another machine before anybody logs in', async () => {
    const stage = await stageWith(debianServer('anna'))
    const otto = debianServer('otto')
    ;(stage.world.machines as Map<string, Machine>).set('otto', otto)
    const job = await add(stage, 'admin@otto.lan', { id: 'anna' })
    expect(job?.failure).toMatchObject({ code: 'ID_TAKEN', step: 'connect' })
  })
})

describe('this computer', () => {
  const own = { hostKeys: [hostKey(7), hostKey(8)], bootId: 'now', machineId: 'mine' }
  const stageOf = (change: Partial<Machine>) => {
    const stage = emptyStage(unprivilegedServer('here', change))
    stage.world.nix.identity = own
    return stage
  }

  it('is known by its host keys, whatever it is called', async () => {
    const stage = stageOf({ hostKeys: [hostKey(8)], bootId: 'now', machineId: 'mine' })
    expect(await refused(stage, 'admin@here.lan')).toMatchObject({
      code: 'ADDRESS_IS_THIS_COMPUTER',
      facts: { host: 'here.lan' },
    })
  })

  it('is no copy of it that runs by itself', async () => {
    const stage = stageOf({ hostKeys: [hostKey(8)], bootId: 'another', machineId: 'mine' })
    expect((await add(stage, 'admin@here.lan'))?.state).toBe('done')
  })

  it('is no container on it', async () => {
    const stage = stageOf({ hostKeys: [hostKey(9)], bootId: 'now', machineId: 'mine' })
    expect((await add(stage, 'admin@here.lan'))?.state).toBe('done')
  })
})
