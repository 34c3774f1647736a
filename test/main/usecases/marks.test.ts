import { describe, expect, it } from 'vitest'
import { createFailure } from '../../../core/failures/failure'
import { failureWords } from '../../../core/failures/words'
import { mergeHealth } from '../../../core/health/merge-health'
import { takenBackWords } from '../../../core/jobs/words'
import { returnWords } from '../../../core/status/builder-words'
import { FailureError, fail } from '../../../main/failures'
import { startApp } from '../../fakes/app'
import { debianServer } from '../../fakes/machine'
import { aBuilder } from '../../fixtures/builder'
import { add, emptyStage, stageWith } from '../flows/stage'

const statesOf = (job: Awaited<ReturnType<typeof add>>) =>
  Object.fromEntries((job?.steps ?? []).map(({ name, state }) => [name, state]))

describe('what a job says once it has ended', () => {
  it('is nothing of a machine on which nothing was begun', async () => {
    const stage = emptyStage(debianServer('anna'))
    stage.world.person.answers.set('approve-plan', { kind: 'secret', secret: 'wrong' })
    const job = await add(stage, 'admin@anna.lan')
    expect(job).toMatchObject({ failure: { code: 'SUDO_PASSWORD_WRONG' }, leftBehind: [] })
  })

  it.each([
    createFailure('ROOT_NOT_REACHED', {}),
    createFailure('REMOTE_COMMAND_NOT_RUN', { instead: 'ended' }),
  ])('is nothing of a machine on which nobody became root: $code', async (refused) => {
    const { world } = emptyStage(debianServer('anna'))
    const { ssh } = world.ports
    let isPlanned = false
    const ports = {
      ...world.ports,
      helper: {
        ...world.ports.helper,
        call: (...asked: Parameters<typeof world.ports.helper.call>) => {
          isPlanned = true
          return world.ports.helper.call(...asked)
        },
      },
      ssh: {
        ...ssh,
        open: async (...asked: Parameters<typeof ssh.open>) => {
          const host = await ssh.open(...asked)
          const run: typeof host.run = async (script, options) => {
            if (isPlanned) throw new FailureError(refused)
            return await host.run(script, options)
          }
          return { ...host, run }
        },
      },
    }
    const app = startApp({ ...world, ports })
    const job = await app.run(app.handlers['add-builder']({ address: 'admin@anna.lan', options: {} }))
    expect(statesOf(job)).toMatchObject({ register: 'done', provision: 'failed' })
    expect(job).toMatchObject({ failure: { code: refused.code }, leftBehind: [] })
  })

  it('is not the advice to write a line that stands there by then', async () => {
    const counted = emptyStage(debianServer('anna'))
    await add(counted, 'admin@anna.lan')
    const { world, app } = emptyStage(debianServer('anna'))
    world.calls.plan(counted.world.calls.log.indexOf('helper.prove'), {
      kind: 'fails',
      code: 'REMOTE_USER_NOT_TRUSTED',
    })
    const job = await add({ world, app }, 'admin@anna.lan')
    expect(job?.failure).toMatchObject({
      code: 'REMOTE_USER_NOT_TRUSTED',
      facts: { conf: '/etc/nix/nix.conf' },
    })
    expect(failureWords(job?.failure ?? { code: '', facts: {} }).remedy).not.toContain('extra-trusted-users')
  })

  it('is not that a builder is switched off which nobody could switch', async () => {
    const { world } = await stageWith()
    let isGone = false
    const { helper } = world.ports
    const ports = {
      ...world.ports,
      helper: {
        ...helper,
        status: async () => (isGone ? fail('HELPER_FAILED') : helper.status()),
        call: async () => {
          isGone = true
          return fail('HELPER_MISSING', { command: 'sudo millwright helper install' })
        },
      },
    }
    const app = startApp({ ...world, ports })
    const job = await app.run(app.handlers['remove-builder']({ id: 'anna', localOnly: false }))
    expect(job).toMatchObject({ failure: { code: 'HELPER_MISSING' }, leftBehind: [] })
  })

  it('names cleaning up where that stopped', async () => {
    const { world, app } = await stageWith()
    const counted = await stageWith()
    const before = counted.world.calls.log.length
    await counted.app.run(counted.app.handlers['remove-builder']({ id: 'anna', localOnly: false }))
    const at = counted.world.calls.log.slice(before).indexOf('remote.drop-user')
    world.calls.plan(at, { kind: 'fails', code: 'REMOTE_SCRIPT_FAILED' })
    const job = await app.run(app.handlers['remove-builder']({ id: 'anna', localOnly: false }))
    expect(job?.failure?.code).toBe('REMOTE_SCRIPT_FAILED')
    expect(failureWords(job?.failure ?? { code: '', facts: {} }).title).toMatch(/^Cleaning up /)
  })

  it('is that all is taken back only where nothing was left', () => {
    const ended = { state: 'failed', changed: true } as const
    expect(takenBackWords({ ...ended, leftBehind: [] })).toBe('What had been changed is taken back.')
    expect(takenBackWords({ ...ended, leftBehind: ['The key on anna.'] })).toBeUndefined()
    expect(takenBackWords({ ...ended, changed: false, leftBehind: [] })).toBeUndefined()
    expect(takenBackWords({ state: 'done', changed: true, leftBehind: [] })).toBeUndefined()
    const facts = { step: 'user', host: 'anna' }
    expect(failureWords({ code: 'REMOTE_SCRIPT_FAILED', facts }).remedy).not.toContain('taken back')
    expect(failureWords({ code: 'CANCELLED', facts: {} }).remedy).not.toContain('taken back')
  })
})

describe('the mark of a step', () => {
  it('is that of a plan which was made, though it was not approved', async () => {
    const stage = emptyStage(debianServer('anna'))
    stage.world.person.answers.set('approve-plan', { kind: 'no' })
    const job = await add(stage, 'admin@anna.lan')
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'PLAN_DECLINED' } })
    expect(statesOf(job)).toMatchObject({ plan: 'done', register: 'skipped' })
  })

  it('is that of paths which were counted, though none was deleted', async () => {
    const { world, app } = await stageWith()
    world.person.answers.set('approve-collect', { kind: 'no' })
    const job = await app.run(app.handlers['collect-garbage']({ id: 'anna' }))
    expect(job).toMatchObject({ state: 'cancelled', failure: { code: 'COLLECT_DECLINED' } })
    expect(statesOf(job)).toEqual({ 'count-garbage': 'done', 'collect-garbage': 'skipped' })
  })
})

describe('a suspended builder', () => {
  const silent = createFailure('UNREACHABLE', { host: 'anna.lan' })
  const refused = createFailure('LOGIN_REFUSED', { host: 'anna.lan', whose: 'builds' })

  it('comes back by itself only where it merely does not answer', () => {
    expect(returnWords(silent)).toMatch(/by itself/)
    expect(returnWords(refused)).not.toMatch(/by itself/)
    expect(returnWords(createFailure('PING_FAILED', {}))).not.toMatch(/by itself/)
  })

  it('shows the reason of now, not the one that has given way to it', () => {
    const builder = aBuilder('anna', { state: 'suspended', failure: silent })
    const health = { state: 'refused', since: '2026-11-26T12:00:00Z', failure: refused, trend: [] } as const
    expect(mergeHealth(builder, health)).toMatchObject({ state: 'suspended', failure: refused })
    const { failure: _, ...well } = health
    expect(mergeHealth(builder, well)).toMatchObject({ failure: silent })
  })
})

it('gives no advice about jobs, which cannot be changed', () => {
  const { remedy } = failureWords({ code: 'REMOTE_OVERLOADED', facts: { builder: 'anna', load: '9' } })
  expect(remedy).not.toMatch(/jobs/)
})
