import { describe, expect, it } from 'vitest'
import type { Answer, JobView } from '../../../contract/job'
import { createJobs } from '../../../main/jobs/jobs'
import type { Garbage } from '../../../main/ports/collect'
import { createStore } from '../../../main/store'
import { collectGarbage } from '../../../main/usecases/collect-garbage'
import { emptyState } from '../../fixtures/state'

type Needs = Parameters<typeof collectGarbage>[0]
const found = { paths: 1204, bytes: 3_435_973_837 }

/** A builder with some garbage, which is gone once it is collected. */
function world({ garbage = found, quarantined = false, jump = false, key = true, isOld = false } = {}) {
  let left: Garbage = garbage
  const builder = {
    ...{ id: 'anna', host: 'anna.lan', port: 22, user: 'nixremote', hostKeys: [], quarantined },
    ...(jump ? { jump: { host: 'gate.lan' } } : {}),
  }
  const ports = {
    helper: { status: async () => ({ builders: [builder] }) },
    records: {
      builder: async () => ({ id: 'anna', provision: isOld ? {} : { collect_key: 'ssh-ed25519 C' } }),
    },
    keychain: { get: async (name: string) => (key && name === 'collect-key' ? 'private' : undefined) },
    collect: {
      count: async () => left,
      collect: async (_builder: unknown, _key: string, tell: (soFar: Garbage) => void) => {
        tell({ paths: 600, bytes: 2 ** 30 })
        const freed = left
        left = { paths: 0, bytes: 0 }
        return freed
      },
    },
  } as unknown as Needs
  const run = async (
    answer?: Answer,
  ): Promise<JobView & { readonly wasAsked: boolean; readonly notes: string[] }> => {
    const store = createStore(emptyState)
    let ids = 0
    const clock = { now: () => new Date(0), newId: () => `id${++ids}` }
    const receipts = { receipts: async () => [], putReceipt: async () => {}, deleteReceipt: async () => {} }
    const jobs = createJobs(store, clock, receipts)
    const notes: string[] = []
    let wasAsked = false
    store.subscribe(() => {
      const job = store.snapshot().jobs[0]
      for (const { note } of job?.steps ?? []) if (note && !notes.includes(note)) notes.push(note)
      if (!job?.asked || wasAsked) return
      wasAsked = true
      if (answer) jobs.answer(job.id, job.asked.id, answer)
    })
    const flow = (job: Parameters<typeof collectGarbage>[1]) => collectGarbage(ports, job, 'anna')
    const about = { builderId: 'anna', address: 'anna' }
    const view = await jobs.start('collect', about, flow, async () => undefined).ended
    return { ...view, wasAsked, notes }
  }
  return { run, left: () => left }
}

describe('freeing space', () => {
  it('counts, asks, deletes, and says how far it is and what it freed', async () => {
    const { run, left } = world()
    const job = await run({ kind: 'yes' })
    expect(job).toMatchObject({ state: 'done', wasAsked: true, garbage: { found, freed: found } })
    expect(job.notes).toEqual(['1,204 paths, 3.2 GiB', '600 paths, 1.0 GiB so far', 'freed 3.2 GiB'])
    expect(left().paths).toBe(0)
  })

  it('deletes nothing when it is declined', async () => {
    const { run, left } = world()
    expect(await run({ kind: 'no' })).toMatchObject({ state: 'cancelled', garbage: { found } })
    expect(left()).toEqual(found)
  })

  it('ends well without a question where there is nothing to free', async () => {
    const job = await world({ garbage: { paths: 0, bytes: 0 } }).run()
    expect(job).toMatchObject({ state: 'done', wasAsked: false, notes: ['nothing to free'] })
    expect(job.steps.map(({ state }) => state)).toEqual(['done', 'skipped'])
  })

  it.each([
    ['whose host key changed', { quarantined: true }, 'QUARANTINED'],
    ['that the person keeps no key to', { key: false }, 'NOT_WATCHED'],
    ['that was set up without such a key', { isOld: true }, 'NOT_WATCHED'],
    ['that only another machine leads to', { jump: true }, 'NOT_WATCHED'],
  ])('is refused on a builder %s', async (_, what, code) => {
    const { run, left } = world(what)
    expect(await run({ kind: 'yes' })).toMatchObject({ state: 'failed', failure: { code }, wasAsked: false })
    expect(left()).toEqual(found)
  })
})
