import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../contract/job'
import type { World } from '../../fakes/world'
import { stageWith } from '../flows/stage'

const found = { paths: 1204, bytes: 3_435_973_837 }

/** A builder with some garbage, of which a test may change something before it is freed. */
async function collect(answer: Answer | undefined, change: (world: World) => void = () => undefined) {
  const { world, app } = await stageWith()
  change(world)
  if (answer) world.person.answers.set('approve-collect', answer)
  const notes: string[] = []
  app.store.subscribe(() => {
    for (const { note } of app.store.state().jobs.at(-1)?.steps ?? [])
      if (note && !notes.includes(note)) notes.push(note)
  })
  const job = await app.run(app.handlers['collect-garbage']({ id: 'anna' }))
  const wasAsked = world.person.asked.some(({ kind }) => kind === 'approve-collect')
  return { job, wasAsked, notes, left: world.machines.get('anna')?.garbage }
}

const quarantine = ({ root }: World) => {
  if (root.state)
    root.state = {
      ...root.state,
      builders: root.state.builders.map((one) => ({ ...one, quarantined: true })),
    }
}
const putBehindGate = ({ root }: World) => {
  const jump = { host: 'gate.lan', port: 22, user: 'me', hostKeys: [] }
  if (root.state)
    root.state = { ...root.state, builders: root.state.builders.map((one) => ({ ...one, jump })) }
}
const dropCollectKey = ({ data }: World) => {
  for (const record of data.builders.values())
    data.builders.set(record.id, { ...record, provision: { ...record.provision, collect_key: '' } })
}

describe('freeing space', () => {
  it('counts, asks, deletes, and says how far it is and what it freed', async () => {
    const { job, wasAsked, notes, left } = await collect({ kind: 'yes' })
    expect(job).toMatchObject({ state: 'done', garbage: { found, freed: found } })
    expect(wasAsked).toBe(true)
    expect(notes).toEqual(['1,204 paths, 3.2 GiB', '602 paths, 1.6 GiB so far', 'freed 3.2 GiB'])
    expect(left?.paths).toBe(0)
  })

  it('deletes nothing when it is declined', async () => {
    const { job, left } = await collect({ kind: 'no' })
    expect(job).toMatchObject({ state: 'cancelled', garbage: { found } })
    expect(left).toEqual(found)
  })

  it('ends well without a question where there is nothing to free', async () => {
    const { job, wasAsked, notes } = await collect(undefined, ({ machines }) => {
      const anna = machines.get('anna')
      if (anna) anna.garbage = { paths: 0, bytes: 0 }
    })
    expect(job?.state).toBe('done')
    expect(wasAsked).toBe(false)
    expect(notes).toEqual(['nothing to free'])
    expect(job?.steps.map(({ state }) => state)).toEqual(['done', 'skipped'])
  })

  it.each([
    ['whose host key changed', quarantine, 'QUARANTINED'],
    ['that the person keeps no key to', ({ data }: World) => data.secrets.clear(), 'NOT_WATCHED'],
    ['that was set up without such a key', dropCollectKey, 'NOT_WATCHED'],
    ['that only another machine leads to', putBehindGate, 'NOT_WATCHED'],
  ])('is refused on a builder %s', async (_, change, code) => {
    const { job, wasAsked, left } = await collect({ kind: 'yes' }, change)
    expect(job).toMatchObject({ state: 'failed', failure: { code } })
    expect(wasAsked).toBe(false)
    expect(left).toEqual(found)
  })
})
