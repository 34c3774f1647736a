import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Handlers } from '../../contract/api'
import type { Answer, Question } from '../../contract/job'
import { createKeychain } from '../../main/adapters/data/keychain'
import { createSecretFile } from '../../main/adapters/data/secret-file'
import { createSsh } from '../../main/adapters/ssh/ssh'
import { createLog } from '../../main/adapters/system/log'
import { fail } from '../../main/failures'
import type { Flow, Job } from '../../main/jobs/job'
import { createJobs } from '../../main/jobs/jobs'
import { logRefusals } from '../../main/log-refusals'
import { createStore } from '../../main/store'
import { emptyState } from '../fixtures/state'
import { startSshServer } from './adapters/ssh/ssh-server'

/** What a person types wherever they are asked; it is a word that every narrow grammar would let through. */
const canary = 'canary'
let home: string
let folder: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'secrets-'))
  folder = join(home, 'state')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Runs a flow as the app does, every question answered with the canary; returns what stands in the log then. */
async function logOf(flow: (job: Job) => Flow<'add'>): Promise<string> {
  const store = createStore(emptyState)
  let ids = 0
  const clock = { now: () => new Date(), newId: () => `id${++ids}` }
  const receipts = {
    receipts: async () => [],
    putReceipt: async () => fail('DATA_UNWRITABLE', { path: canary }, canary),
    deleteReceipt: async () => {
      throw new Error(canary)
    },
  }
  const log = createLog({ folder, name: 'app' })
  const jobs = createJobs(store, clock, receipts, log)
  store.subscribe(() => {
    const { asked, id } = store.snapshot().jobs[0] ?? {}
    if (asked && id) setImmediate(() => answer(id, asked.id, answerTo(asked.question)))
  })
  const answered = new Set<string>()
  const answer = (jobId: string, questionId: string, given: Answer) => {
    if (answered.has(questionId)) return
    answered.add(questionId)
    jobs.answer(jobId, questionId, given)
  }
  const failed = async () => {
    throw new Error(canary)
  }
  const { ended } = jobs.start('add', { builderId: 'anna', address: `${canary}@anna` }, flow, failed)
  const { failure } = await ended
  if (!failure) return readFileSync(join(folder, 'app.log'), 'utf8')
  const refused: Pick<Handlers, 'add-builder'> = { 'add-builder': async () => ({ ok: false, failure }) }
  await logRefusals(refused, log)['add-builder']({ address: canary, options: {} })
  return readFileSync(join(folder, 'app.log'), 'utf8')
}

function answerTo(question: Question): Answer {
  if (question.kind === 'host-key') return { kind: 'yes' }
  if (question.kind === 'keyboard-interactive') return { kind: 'secrets', secrets: [canary] }
  return { kind: 'secret', secret: canary }
}

const ssh = () =>
  createSsh({
    knownHostsFile: join(home, 'known_hosts'),
    homeDir: home,
    systemDir: home,
    userName: canary,
    agentSocket: undefined,
  })

it('a login’s password is not in the log, right or wrong', async () => {
  for (const password of [canary, 'another']) {
    await using server = await startSshServer({
      accepts: (context) => context.method === 'password' && context.password === password,
    })
    const log = await logOf(async function* (job) {
      yield 'connect'
      const login = { host: '127.0.0.1', port: server.port, user: canary }
      const host = await ssh().open(login, job.ask, job.signal)
      job.always(async () => {
        await host.close()
        throw new Error(canary)
      })
      yield 'inspect'
    })
    expect(server.attempts).toContain(`password ${canary}`)
    expect(log).toMatch(password === canary ? /state=done/ : /code=LOGIN_REFUSED|code=CANCELLED/)
    expect(log).not.toContain(canary)
  }
})

it('sudo’s password is not in the log, and neither is what the other machine makes of it', async () => {
  let heard = ''
  await using server = await startSshServer({
    accepts: (context) => context.method === 'password',
    onExec: (command, stream) => {
      const [, prompt = ''] = /-p (\S+)/.exec(command) ?? []
      stream.on('data', (bytes: Buffer) => {
        heard += bytes
        stream.stderr.write(`sorry, ${canary} is not it\n`)
        stream.exit(1)
        stream.end()
      })
      stream.stderr.write(prompt)
    },
  })
  const log = await logOf(async function* (job) {
    yield 'connect'
    const host = await ssh().open({ host: '127.0.0.1', port: server.port, user: 'anna' }, job.ask, job.signal)
    job.always(() => host.close())
    yield 'provision'
    const answer = await job.ask({ kind: 'sudo-password', user: 'anna', host: 'anna', again: false })
    const sudoPassword = answer.kind === 'secret' ? answer.secret : ''
    await job.undo({ ifLeft: canary, run: () => Promise.reject(new Error(canary)) }).catch(() => undefined)
    const options = {
      as: 'root',
      rootWay: 'sudo-password',
      sudoPassword,
      timeoutMs: 5_000,
      signal: job.signal,
    } as const
    await host.run('echo', options)
  })
  expect(heard).toContain(canary)
  expect(log).toMatch(/job-ended .*state=failed/)
  expect(log).not.toContain(canary)
})

it('what is kept in the keychain is not in the log, also when it cannot be kept', async () => {
  const filePath = join(home, 'secrets.json')
  await createSecretFile(filePath).create()
  const keychain = createKeychain({ service: `millwright-${canary}`, filePath })
  const kept = await logOf(async function* () {
    yield 'register'
    await keychain.set(canary, canary)
  })
  chmodSync(filePath, 0o644)
  const broken = await logOf(async function* () {
    yield 'register'
    await keychain.set(canary, canary)
  })
  expect(kept).toMatch(/state=done/)
  expect(broken).toMatch(/code=KEYCHAIN_UNAVAILABLE step=register|step=register code=KEYCHAIN_UNAVAILABLE/)
  expect(kept + broken).not.toContain(canary)
})

it('an error that nobody thought of is in the log by its place alone', async () => {
  const log = await logOf(async function* () {
    yield 'connect'
    const error = new Error(`${canary}\n    at ${canary} (/${canary}/${canary}:1:1)`)
    throw Object.assign(error, { name: canary, code: canary })
  })
  expect(log).toMatch(/code=UNEXPECTED at=log-secrets\.test\.ts:\d+/)
  expect(log).not.toContain(canary)
})
