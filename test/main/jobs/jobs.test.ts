import { describe, expect, test } from 'vitest'
import type { JobView } from '../../../contract/job'
import { fail } from '../../../main/failures'
import type { Job } from '../../../main/jobs/job'
import { createJobs } from '../../../main/jobs/jobs'
import type { Receipts } from '../../../main/jobs/run-flow'
import type { Receipt } from '../../../main/ports/records'
import { createStore } from '../../../main/store'
import { keptLog } from '../../fakes/kept-log'
import { emptyState } from '../../fixtures/state'

function world() {
  let ms = 0
  let ids = 0
  const clock = { now: () => new Date(++ms * 5), newId: () => `id${++ids}` }
  const store = createStore(emptyState)
  const kept = new Map<string, Receipt>()
  const receipts: Receipts = {
    receipts: async () => [...kept.values()],
    putReceipt: async (receipt) => void kept.set(receipt.jobId, receipt),
    deleteReceipt: async (jobId) => void kept.delete(jobId),
  }
  const log = keptLog()
  const jobs = createJobs(store, clock, receipts, log)
  const about = { builderId: 'anna', address: 'anna' }
  const view = (): JobView => {
    const job = store.snapshot().jobs[0]
    if (!job) throw new Error('no job')
    return job
  }
  return { store, kept, receipts, clock, log, jobs, about, view, look: async () => undefined }
}

describe('a job', () => {
  test('is refused while 32 others are under way, and taken once one of them has ended', async () => {
    const { jobs, look } = world()
    const start = (n: number) =>
      jobs.start(
        'remove',
        { builderId: `b${n}`, address: `b${n}` },
        async function* (job) {
          yield 'disable'
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve))
        },
        look,
      )
    const started = Array.from({ length: 32 }, (_, n) => start(n))
    expect(() => start(32)).toThrow(
      expect.objectContaining({ failure: { code: 'TOO_MANY_JOBS', facts: { most: '32' } } }),
    )
    jobs.cancel(started[0]?.jobId ?? '')
    await started[0]?.ended
    expect(start(32).jobId).toBeTruthy()
    await jobs.close()
  })

  test('walks its steps and ends done', async () => {
    const { jobs, about, look } = world()
    const { ended } = jobs.start(
      'remove',
      about,
      async function* () {
        yield 'disable'
        yield 'unregister'
      },
      look,
    )
    const job = await ended
    expect(job.state).toBe('done')
    expect(job.steps.map((step) => [step.name, step.state])).toEqual([
      ['disable', 'done'],
      ['connect', 'skipped'],
      ['unprovision', 'skipped'],
      ['unregister', 'done'],
    ])
  })

  test('unwinds what it did, last first, and closes what it opened after that', async () => {
    const { jobs, about, look } = world()
    const log: string[] = []
    const undo = (name: string) => ({ ifLeft: name, run: async () => void log.push(name) })
    const { ended } = jobs.start(
      'add',
      about,
      async function* (job: Job) {
        yield 'connect'
        job.always(async () => void log.push('close'))
        yield 'register'
        await job.undo(undo('unregister'))
        yield 'provision'
        await job.undo(undo('unprovision'))
        fail('REMOTE_DISK_FULL', { path: '/nix' })
      },
      look,
    )
    const job = await ended
    expect(log).toEqual(['unprovision', 'unregister', 'close'])
    expect(job).toMatchObject({ state: 'failed', leftBehind: [], changed: true })
    expect(job.failure).toMatchObject({ code: 'REMOTE_DISK_FULL', step: 'provision' })
  })

  test('says what it could not take back, and goes on taking back the rest', async () => {
    const { jobs, about, look, log: kept } = world()
    const log: string[] = []
    const { ended } = jobs.start(
      'add',
      about,
      async function* (job: Job) {
        yield 'register'
        await job.undo({ ifLeft: 'first', run: async () => void log.push('first') })
        await job.undo({ ifLeft: 'second stays', run: () => Promise.reject(new Error('gone')) })
        throw new Error('boom')
      },
      look,
    )
    const job = await ended
    expect(job.leftBehind).toEqual(['second stays'])
    expect(log).toEqual(['first'])
    expect(job.failure?.code).toBe('UNEXPECTED')
    const logged = kept.lines.map((line) => line.replace(/^\S+ |( at=\S+)? ?(ms=\d+)?$/g, ''))
    expect(logged).toEqual([
      'info job-started job=id1 kind=add builder=anna',
      expect.stringMatching(/^warn undo-failed job=id1 kind=add builder=anna error=Error/),
      expect.stringMatching(/^info job-ended job=id1 kind=add builder=anna state=failed .*code=UNEXPECTED/),
    ])
  })

  test('undoes nothing when it ends well', async () => {
    const { jobs, about, look } = world()
    const log: string[] = []
    const { ended } = jobs.start(
      'add',
      about,
      async function* (job: Job) {
        yield 'register'
        await job.undo({ ifLeft: '', run: async () => void log.push('undone') })
      },
      look,
    )
    expect((await ended).state).toBe('done')
    expect(log).toEqual([])
  })

  test('puts its question into the snapshot and goes on with the answer', async () => {
    const { jobs, about, look, view } = world()
    const { jobId, ended } = jobs.start(
      'test',
      about,
      async function* (job: Job) {
        yield 'prove'
        const answer = await job.ask({ kind: 'restart-daemon' })
        job.note(answer.kind)
      },
      look,
    )
    await expect.poll(() => view().asked?.question).toEqual({ kind: 'restart-daemon' })
    expect(view().state).toBe('asking')
    jobs.answer(jobId, view().asked?.id ?? '', { kind: 'yes' })
    const job = await ended
    expect(job.steps[0]?.note).toBe('yes')
    expect(job.asked).toBeUndefined()
  })

  test('asks one thing at a time', async () => {
    const { jobs, about, look, view } = world()
    const { jobId, ended } = jobs.start(
      'test',
      about,
      async function* (job: Job) {
        yield 'prove'
        await Promise.all([
          job.ask({ kind: 'restart-daemon' }),
          job.ask({ kind: 'key-file-consent', path: '/f' }),
        ])
      },
      look,
    )
    await expect.poll(() => view().asked?.question.kind).toBe('restart-daemon')
    jobs.answer(jobId, view().asked?.id ?? '', { kind: 'yes' })
    await expect.poll(() => view().asked?.question.kind).toBe('key-file-consent')
    jobs.answer(jobId, view().asked?.id ?? '', { kind: 'yes' })
    expect((await ended).state).toBe('done')
  })

  test('cancelled while it asks, unwinds and ends cancelled', async () => {
    const { jobs, about, look, view } = world()
    const log: string[] = []
    const { jobId, ended } = jobs.start(
      'add',
      about,
      async function* (job: Job) {
        yield 'register'
        await job.undo({ ifLeft: '', run: async () => void log.push('undone') })
        await job.ask({ kind: 'restart-daemon' })
      },
      look,
    )
    await expect.poll(() => view().state).toBe('asking')
    jobs.cancel(jobId)
    expect(await ended).toMatchObject({
      state: 'cancelled',
      failure: { code: 'CANCELLED', step: 'register' },
    })
    expect(log).toEqual(['undone'])
  })

  test('refuses an answer to a question that is no longer open', async () => {
    const { jobs, about, look, view } = world()
    const { jobId, ended } = jobs.start(
      'test',
      about,
      async function* (job: Job) {
        yield 'prove'
        await job.ask({ kind: 'restart-daemon' })
      },
      look,
    )
    await expect.poll(() => view().state).toBe('asking')
    expect(() => jobs.answer(jobId, 'stale', { kind: 'yes' })).toThrow('NO_SUCH_JOB')
    jobs.cancel(jobId)
    await ended
    expect(() => jobs.answer(jobId, 'stale', { kind: 'yes' })).toThrow('NO_SUCH_JOB')
  })

  test('about a builder that is busy is refused', async () => {
    const { jobs, about, look, view } = world()
    const flow = async function* (job: Job) {
      yield 'prove' as const
      await job.ask({ kind: 'restart-daemon' })
    }
    const { jobId, ended } = jobs.start('test', about, flow, look)
    expect(() => jobs.start('test', about, flow, look)).toThrow('BUILDER_BUSY')
    await expect.poll(() => view().state).toBe('asking')
    jobs.cancel(jobId)
    await ended
    expect(() => jobs.start('test', about, flow, look)).not.toThrow()
    await jobs.close()
  })

  test('keeps a receipt while an effect stands, and drops it when all is taken back', async () => {
    const { jobs, about, look, kept } = world()
    const held: string[][] = []
    const { ended } = jobs.start(
      'add',
      about,
      async function* (job: Job) {
        yield 'register'
        await job.undo({ ifLeft: 'a file', run: async () => undefined })
        held.push([...kept.values()].flatMap((receipt) => receipt.leftBehind))
        fail('REMOTE_DISK_FULL', { path: '/nix' })
      },
      look,
    )
    await ended
    expect(held).toEqual([['a file']])
    expect(kept.size).toBe(0)
  })

  test('that a crash cut short is shown at the next start, until it is dismissed', async () => {
    const { clock, receipts, kept, log } = world()
    kept.set('id9', {
      jobId: 'id9',
      kind: 'add',
      builderId: 'anna',
      address: 'admin@anna',
      startedAt: '2026-01-01T00:00:00.000Z',
      leftBehind: ['a user over there'],
    })
    const store = createStore(emptyState)
    const jobs = createJobs(store, clock, receipts, log)
    await jobs.recall()
    expect(store.snapshot().jobs[0]).toMatchObject({
      state: 'failed',
      failure: { code: 'INTERRUPTED' },
      leftBehind: ['a user over there'],
    })
    await jobs.dismiss('id9')
    expect(store.snapshot().jobs).toEqual([])
    expect(kept.size).toBe(0)
  })
})
