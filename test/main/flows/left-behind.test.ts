import { describe, expect, it } from 'vitest'
import { startApp } from '../../fakes/app'
import { type Account, debianServer, linesOf, type Machine } from '../../fakes/machine'
import { add, requireDone, type Stage, stageWith } from './stage'

const keysFile = '/var/lib/millwright/home/.ssh/authorized_keys'
const remove = ({ app }: Stage, id = 'anna', localOnly = false) =>
  app.run(app.handlers['remove-builder']({ id, localOnly }))
const annaOf = ({ world }: Stage): Machine => world.machines.get('anna') ?? debianServer('none')

/** What a machine holds of Millwright’s. */
const tracesOn = ({ files, accounts }: Machine) => [
  ...[...files].filter(([path, text]) => /millwright/.test(path + text)).map(([path]) => path),
  ...(accounts.has('nixremote') ? ['nixremote'] : []),
]

function changeLogin(machine: Machine, change: Partial<Account>): void {
  const admin = machine.accounts.get('admin')
  if (admin) machine.accounts.set('admin', { ...admin, ...change })
}

/** Another user of this computer added it: their notes are not ours, and their installation is another. */
function asIfAnotherUserAdded(stage: Stage): void {
  stage.world.data.builders.clear()
  const anna = annaOf(stage)
  const text = anna.files.get(keysFile) ?? ''
  anna.files.set(keysFile, text.replaceAll('millwright:0123abcd:', 'millwright:fedcba98:'))
}

describe('removing a builder that another user of this computer added', () => {
  it('cleans up over there by what root’s files say', async () => {
    const stage = await stageWith()
    asIfAnotherUserAdded(stage)
    const job = await remove(stage)
    expect(job).toMatchObject({ state: 'done', leftBehind: [] })
    expect(tracesOn(annaOf(stage))).toEqual([])
    expect(stage.world.root.state).toBeUndefined()
  })

  it('lists what stays where that takes rights that this user has not', async () => {
    const stage = await stageWith()
    asIfAnotherUserAdded(stage)
    changeLogin(annaOf(stage), { sudo: 'none' })
    const job = await remove(stage)
    expect(job?.leftBehind.join('\n')).toMatch(/ millwright-anna millwright:fedcba98:.*\n.*userdel nixremote/)
    expect(stage.world.root.state).toBeUndefined()
  })

  it('leaves the lines of a stranger’s computer alone that calls it the same', async () => {
    const stage = await stageWith()
    stage.world.data.builders.clear()
    const anna = annaOf(stage)
    const theirs = `restrict,command="/x" ssh-ed25519 ${'T'.repeat(68)} millwright-anna millwright:00000001:build`
    anna.files.set(keysFile, `${theirs}\n${anna.files.get(keysFile)}`)
    expect((await remove(stage))?.leftBehind).toEqual([])
    expect(linesOf(anna, keysFile)).toEqual([theirs])
    expect(anna.accounts.has('nixremote')).toBe(true)
  })

  it('has nothing to say where somebody has cleaned up already', async () => {
    const stage = await stageWith()
    stage.world.data.builders.clear()
    const anna = annaOf(stage)
    anna.accounts.delete('nixremote')
    for (const path of [...anna.files.keys()])
      if (path.startsWith('/var/lib/millwright')) anna.files.delete(path)
    expect((await remove(stage))?.leftBehind).toEqual([])
  })
})

describe('what a removal leaves behind', () => {
  const leftByRemoval = async (change: Partial<Account> = { letsPersonIn: false }) => {
    const stage = await stageWith()
    stage.world.data.builders.clear()
    changeLogin(annaOf(stage), change)
    const job = await remove(stage)
    expect(job).toMatchObject({ state: 'done', leftBehind: [expect.any(String), expect.any(String)] })
    return stage
  }

  it('is shown again at the next start, as what it is', async () => {
    const { world } = await leftByRemoval({ sudo: 'none' })
    const app = startApp(world)
    await app.jobs.recall()
    const [job] = app.store.state().jobs
    expect(job).toMatchObject({ kind: 'remove', builderId: 'anna', state: 'done' })
    expect(job?.leftBehind).toHaveLength(2)
    expect(job?.failure).toBeUndefined()
  })

  it.each([
    ['nobody could become root', { sudo: 'none' }, { sudo: 'password' }],
    [
      'nobody could log in',
      { letsPersonIn: false, password: 'another' },
      { letsPersonIn: true, password: 'hunter2' },
    ],
  ] as const)('goes when it is removed again, where %s at first', async (_, before, after) => {
    const stage = await leftByRemoval(before)
    const anna = annaOf(stage)
    expect(tracesOn(anna)).not.toEqual([])
    changeLogin(anna, after)
    expect(await remove(stage)).toMatchObject({ state: 'done', leftBehind: [] })
    expect(tracesOn(anna)).toEqual([])
    expect(stage.world.data).toMatchObject({
      builders: { size: 0 },
      receipts: { size: 0 },
      secrets: { size: 0 },
    })
  })

  it('here alone goes when it is removed again, and is forgotten when that is here alone too', async () => {
    const stage = await stageWith(debianServer('anna'), debianServer('otto'))
    for (const id of ['anna', 'otto']) expect((await remove(stage, id, true))?.leftBehind).toHaveLength(2)
    expect(await remove(stage, 'anna')).toMatchObject({ state: 'done', leftBehind: [] })
    expect(tracesOn(annaOf(stage))).toEqual([])
    expect((await remove(stage, 'otto', true))?.leftBehind).toHaveLength(2)
    expect(stage.world.data.builders.size).toBe(0)
  })

  it('does not stand in the way of adding the machine again', async () => {
    const stage = await leftByRemoval({ sudo: 'none' })
    changeLogin(annaOf(stage), { sudo: 'password' })
    await stage.app.refresh()
    requireDone(await add(stage, 'admin@anna.lan'))
    expect(stage.world.data.receipts.size).toBe(0)
    expect(await remove(stage)).toMatchObject({ state: 'done', leftBehind: [] })
    expect(tracesOn(annaOf(stage))).toEqual([])
  })
})

describe('the keys for watching', () => {
  it('stay while a builder is registered whose note is lost', async () => {
    const stage = await stageWith(debianServer('anna'), debianServer('otto'))
    stage.world.data.builders.delete('otto')
    requireDone(await remove(stage, 'anna'))
    expect(stage.world.data.secrets.size).toBe(4)
    requireDone(await remove(stage, 'otto'))
    expect(stage.world.data.secrets.size).toBe(0)
  })
})

describe('going back to before a builder was added', () => {
  it('says what stays of it, and how to take that back', async () => {
    const stage = await stageWith(debianServer('anna'), debianServer('otto'))
    const { app, world } = stage
    const generation = world.root.generations.find(({ builders }) => builders.length === 1)?.generation ?? 0
    const job = await app.run(app.handlers['roll-back']({ generation }))
    expect(job?.leftBehind).toEqual([
      expect.stringMatching(/machine of otto.*millwright rollback (\d+), then/),
    ])
    const [, forward] = /rollback (\d+)/.exec(job?.leftBehind.join() ?? '') ?? []
    requireDone(await app.run(app.handlers['roll-back']({ generation: Number(forward) })))
    expect(await remove(stage, 'otto')).toMatchObject({ state: 'done', leftBehind: [] })
    expect(tracesOn(world.machines.get('otto') ?? debianServer('none'))).toEqual([])
  })
})
