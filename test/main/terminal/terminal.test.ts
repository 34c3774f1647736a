import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Handlers } from '../../../contract/api'
import type { CommandName, JobKind } from '../../../contract/commands'
import type { Answer, Question } from '../../../contract/job'
import { fail } from '../../../main/failures'
import type { Flow, Job } from '../../../main/jobs/job'
import { createStore, type State } from '../../../main/store'
import type { Io } from '../../../main/terminal/io'
import { runProgram } from '../../../main/terminal/program'
import { createScreen } from '../../../main/terminal/screen'
import { startApp } from '../../fakes/app'
import { FakeTerminal } from '../../fakes/fake-terminal'
import { createWorld } from '../../fakes/world'
import { emptyState } from '../../fixtures/state'

interface World {
  readonly flow?: (job: Job) => Flow
  readonly input?: string
  /** Lines a person types; absent: nobody is there. */
  readonly typed?: readonly string[]
  /** It can rewrite a line. */
  readonly live?: boolean
  /** What becomes of it while it asks. */
  readonly meanwhile?: () => void
  readonly state?: State
}

/** A terminal in front of an app whose every job runs the given flow. */
async function run(
  line: string,
  {
    flow = async function* () {},
    input = '',
    typed,
    live = false,
    meanwhile,
    state = emptyState,
  }: World = {},
) {
  const said = { out: '', err: '' }
  const lines = [...(typed ?? [])]
  const hear = (text: string) => {
    said.out += text
  }
  const io: Io = {
    out: hear,
    err: (text) => {
      said.err += text
    },
    interactive: typed !== undefined,
    ...(live ? { screen: createScreen(new FakeTerminal(hear)) } : {}),
    readInput: async () => input,
    prompt: async (text, _, signal) => {
      if (meanwhile) {
        hear(text)
        const isTakenBack = new Promise<never>((_, reject) =>
          signal?.addEventListener('abort', () => reject(new DOMException('taken back', 'AbortError'))),
        )
        meanwhile()
        return await isTakenBack
      }
      const typed = lines.shift() ?? ''
      if (!live) return typed
      hear(text)
      for (let turns = 0; turns < 9; turns++) await setImmediate()
      hear(`${typed}\n`)
      return typed
    },
  }
  const store = createStore(state)
  const installs: string[] = []
  const { handlers: real, jobs } = startApp(createWorld(), { store, isAttended: false })
  const calls: [CommandName, unknown][] = []
  /** Whatever a command would do, its job runs the given flow. */
  const starting = (name: CommandName, kind: JobKind) => async (input: unknown) => {
    calls.push([name, input])
    const about = { builderId: 'anna', address: 'anna' }
    const { jobId } = jobs.start(kind, about, flow, async () => undefined)
    return { ok: true, value: { jobId } } as const
  }
  const handlers: Handlers = {
    ...real,
    'add-builder': starting('add-builder', 'add'),
    'test-builder': starting('test-builder', 'test'),
    'remove-builder': starting('remove-builder', 'add'),
    'pause-builder': starting('pause-builder', 'add'),
    'collect-garbage': starting('collect-garbage', 'collect'),
    answer: (input) => {
      calls.push(['answer', input])
      return real.answer(input)
    },
    'cancel-job': (input) => {
      calls.push(['cancel-job', input])
      return real['cancel-job'](input)
    },
  }
  const status = await runProgram(line.split(' '), {
    version: '0.0.0',
    io,
    helper: {
      run: async (operation) => {
        installs.push(operation)
        return 0
      },
    },
    app: async () => ({
      handlers,
      store,
      follow: () => ({ probed: Promise.resolve(), stop: () => undefined }),
    }),
  })
  return { status, ...said, calls, installs }
}

const asking = (question: Question, got: (answer: Answer) => void = () => undefined) =>
  async function* (job: Job): Flow {
    yield 'connect'
    got(await job.ask(question))
  }
const hostKey: Question = {
  kind: 'host-key',
  host: 'anna',
  port: 22,
  keyType: 'ssh-ed25519',
  fingerprint: `SHA256:${'A'.repeat(43)}`,
}
const password: Question = { kind: 'password', user: 'admin', host: 'anna', again: false }
const emptyPlan = { changes: [], derived: [], consents: [], script: '' }

describe('add', () => {
  test('ends with status 0 and says where the proof was built', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'prove'
      job.show({ proof: { drvPath: '/d', outPath: '/o', builtOn: 'otto', durationMs: 912, at: '' } })
    }
    const { status, out } = await run('add admin@anna', { flow })
    expect(status).toBe(0)
    expect(out).toContain('anna is ready. Built on otto in 0.9 s.')
  })

  test('streams steps and the result as one JSON document a line', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      job.note('with the key of your agent')
      job.show({ proof: { drvPath: '/d', outPath: '/o', builtOn: 'otto', durationMs: 912, at: '' } })
    }
    const { out } = await run('add admin@anna --json', { flow })
    const documents = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(documents[0]).toEqual({ step: 'connect', state: 'running' })
    expect(documents.filter(({ state }) => state === 'running')).toHaveLength(1)
    expect(documents.at(-1)).toMatchObject({
      result: 'added',
      id: 'anna',
      proof: { ok: true, builder: 'anna', builtOn: 'otto', drvPath: '/d', outPath: '/o', durationMs: 912 },
    })
  })

  test.each([
    ['after a yes', { typed: ['y'] }, '', ['install']],
    ['after a yes beforehand', {}, ' --yes', ['install']],
    ['not after a no', { typed: ['n'] }, '', []],
    ['not where nobody is there', {}, '', []],
    ['not to look at a plan', { typed: ['y'] }, ' --dry-run', []],
  ])('installs the helper on first use, %s', async (_, world, option, installs) => {
    const nix = { version: 'nix (Nix) 2.8.0', kind: 'multi-user', system: 'x86_64-linux' } as const
    const missing = { ...emptyState, nix, helper: { ...emptyState.helper, state: 'missing' as const } }
    const ofOne = { ...missing, nix: { ...nix, kind: 'single-user' as const } }
    expect((await run('add anna --yes', { state: ofOne })).installs).toEqual([])
    expect(await run(`add anna${option}`, { ...world, state: missing })).toMatchObject({ installs })
    expect((await run(`add anna${option}`, world)).installs).toEqual([])
  })

  test('ends with status 1 and the failure’s words', async () => {
    const flow = async function* (): Flow {
      yield 'connect'
      fail('UNREACHABLE', { host: 'anna' })
    }
    const { status, err } = await run('add anna', { flow })
    expect(status).toBe(1)
    expect(err).toMatch(/^millwright: .*anna/)
    expect(err.split('\n').length).toBeGreaterThan(2)
  })

  test('says in JSON at which step it failed, and what was left behind', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'register'
      await job.undo({ ifLeft: 'a file', run: () => Promise.reject(new Error('no')) })
      fail('HELPER_FAILED')
    }
    const { out } = await run('add anna --json', { flow })
    expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({
      result: 'failed',
      step: 'register',
      failure: { code: 'HELPER_FAILED' },
      leftBehind: ['a file'],
    })
  })

  test.each([
    ['add', 'no address'],
    ['add anna --max-jobs 0', 'jobs below one'],
    ['add anna --max-jobs ten', 'jobs that are no number'],
    ['add anna --speed-factor 1.5', 'a fractional speed factor'],
    ['add anna --name Anna', 'a name with a capital'],
    ['add anna --systems x86_64', 'a system that is none'],
    ['add anna --features a;b', 'a feature with a semicolon'],
    ['add anna --accept-host-key MD5:00', 'another kind of fingerprint'],
    ['add anna --no-such-option', 'an unknown option'],
    ['frobnicate', 'an unknown command'],
  ])('`%s` ends with status 2, in the words of any other failure: %s', async (line) => {
    const { status, calls, err } = await run(line)
    expect(status).toBe(2)
    expect(err).toMatch(/^millwright: [A-Z].*[.?)]\n/)
    expect(err).toContain('--help')
    expect(calls).toEqual([])
  })
})

describe('a signal', () => {
  /** Waits in its first step until it is cancelled, and takes it back then. */
  const takingBack = (signal: NodeJS.Signals, takenBack: () => void) =>
    async function* (job: Job): Flow {
      yield 'connect'
      await job.undo({ ifLeft: 'Something.', run: async () => takenBack() })
      const cancelled = new Promise((resolve) => job.signal.addEventListener('abort', resolve))
      process.emit(signal)
      await cancelled
      job.signal.throwIfAborted()
    }

  test.each(
    ['add', 'remove'].flatMap((verb) =>
      (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((one) => [one, verb] as const),
    ),
  )(
    '%s, as by a terminal that is closed, has what %s began taken back, and ends with status 130',
    async (signal, verb) => {
      const undone: string[] = []
      const flow = takingBack(signal, () => undone.push('all'))
      expect((await run(`${verb} anna --yes`, { flow })).status).toBe(130)
      expect(undone).toEqual(['all'])
    },
  )
})

describe('a question', () => {
  test('that nobody is there to answer ends with status 3, and the job is cancelled', async () => {
    const { status, err, calls } = await run('add anna', { flow: asking(password) })
    expect(status).toBe(3)
    expect(err).toContain('millwright:')
    expect(calls.map(([name]) => name)).toContain('cancel-job')
  })

  test('about an unknown host key is never answered by --yes', async () => {
    expect((await run('add anna --yes', { flow: asking(hostKey) })).status).toBe(3)
  })

  test('about an unknown host key is answered by --trust-new-host-key', async () => {
    const answers: Answer[] = []
    const flow = asking(hostKey, (answer) => answers.push(answer))
    expect((await run('add anna --trust-new-host-key', { flow })).status).toBe(0)
    expect(answers).toEqual([{ kind: 'yes' }])
  })

  test('about a host key other than the one expected is answered no', async () => {
    const answers: Answer[] = []
    const flow = asking(hostKey, (answer) => answers.push(answer))
    await run(`add anna --accept-host-key SHA256:${'B'.repeat(43)} --trust-new-host-key`, { flow })
    expect(answers).toEqual([{ kind: 'no' }])
  })

  test('about a host key that changed is answered by its fingerprint alone', async () => {
    const changed: Question = { ...hostKey, known: [`SHA256:${'B'.repeat(43)}`] }
    expect((await run('add anna --yes --trust-new-host-key', { flow: asking(changed) })).status).toBe(3)
    const answers: Answer[] = []
    const flow = asking(changed, (answer) => answers.push(answer))
    expect((await run(`add anna --accept-host-key SHA256:${'A'.repeat(43)}`, { flow })).status).toBe(0)
    expect(answers).toEqual([{ kind: 'yes' }])
  })

  test('for passwords takes the lines of stdin in order, login first', async () => {
    const answers: Answer[] = []
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      answers.push(await job.ask(password))
      answers.push(await job.ask({ kind: 'approve-plan', host: 'anna', plan: emptyPlan, sudoUser: 'admin' }))
    }
    await run('add anna --yes --password-stdin --sudo-password-stdin', { flow, input: 'one\ntwo\n' })
    expect(answers).toEqual([
      { kind: 'secret', secret: 'one' },
      { kind: 'secret', secret: 'two' },
    ])
  })

  test('that was answered wrongly from stdin is not answered with the same again', async () => {
    const answers: Answer[] = []
    const flow = asking({ ...password, again: true }, (answer) => answers.push(answer))
    await run('add anna --password-stdin', { flow, input: 'wrong\n' })
    expect(answers).toEqual([{ kind: 'no' }])
  })

  test('that was answered wrongly says what is known of that, in the words of the window', async () => {
    const again = { ...password, again: true } as const
    const { out, err } = await run('add anna', { flow: asking(again), typed: ['hunter2'], live: true })
    expect(out + err).toContain('anna refused that. Is the name admin right? Password of admin on anna: ')
  })

  test.each([
    [['y', 'hunter2'], { kind: 'secret', secret: 'hunter2' }],
    [['n'], { kind: 'no' }],
    [[''], { kind: 'no' }],
    [['hunter2'], { kind: 'no' }],
    [['y', ''], { kind: 'no' }],
  ])('about a plan that takes sudo is a yes before it is a password: %j', async (typed, wanted) => {
    const answers: Answer[] = []
    const question = { kind: 'approve-plan', host: 'anna', plan: emptyPlan, sudoUser: 'admin' } as const
    await run('add anna', { flow: asking(question, (answer) => answers.push(answer)), typed })
    expect(answers).toEqual([wanted])
  })

  test('about a key in a file is not asked for a plan that is only shown', async () => {
    const answers: Answer[] = []
    const question = { kind: 'key-file-consent', path: '/home/dev/.local/share/millwright' } as const
    await run('add anna --dry-run', { flow: asking(question, (answer) => answers.push(answer)) })
    expect(answers).toEqual([{ kind: 'yes' }])
  })

  test('about root that nobody is there to answer ends there: the failure has the command', async () => {
    const answers: Answer[] = []
    const question = { kind: 'run-as-root', command: 'sudo /usr/lib/millwright/node', again: false } as const
    await run('add anna', { flow: asking(question, (answer) => answers.push(answer)) })
    expect(answers).toEqual([{ kind: 'no' }])
  })

  test('has its line to itself: what goes on meanwhile is shown after the answer', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      const asked = job.ask(password)
      for (let turns = 0; turns < 3; turns++) await setImmediate()
      job.note('still looking')
      await asked
    }
    const { out } = await run('add anna', { flow, typed: ['hunter2'], live: true })
    expect(out).toContain('Password of admin on anna: hunter2\n')
    expect(out).toContain('still looking')
  })

  test('is taken back when the terminal is closed, and what comes of the job is shown all the same', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      await job.undo({ ifLeft: 'A user on anna.', run: () => Promise.reject(new Error('gone')) })
      yield 'inspect'
      await job.ask(password)
    }
    const meanwhile = () => void process.emit('SIGHUP', 'SIGHUP')
    const { out, err, status, calls } = await run('add anna', { flow, typed: [], meanwhile })
    expect(out).toMatch(/Connected.*\n(.*\n)*.*[Ll]ook/)
    expect(err).toContain('Left behind: A user on anna.\n')
    expect(status).toBe(130)
    expect(calls.map(([name]) => name)).toEqual(['add-builder', 'cancel-job'])
  })

  test('is taken back when the job ends without an answer, and its end is shown', async () => {
    let stop = () => {}
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      await Promise.race([job.ask(password), new Promise<void>((resolve) => (stop = resolve))])
      yield 'inspect'
    }
    const { out, status } = await run('add anna', { flow, typed: [], meanwhile: () => stop() })
    expect(out).toMatch(/[Ll]ook/)
    expect(status).toBe(0)
  })

  test('is put to the person at a terminal', async () => {
    const answers: Answer[] = []
    const flow = asking(password, (answer) => answers.push(answer))
    await run('add anna', { flow, typed: ['hunter2'] })
    expect(answers).toEqual([{ kind: 'secret', secret: 'hunter2' }])
  })

  test('about the plan is declined by --dry-run, which prints the plan and ends well', async () => {
    const plan = {
      ...emptyPlan,
      changes: [
        {
          where: 'remote' as const,
          what: 'Make the user nixremote.',
          target: '/etc/passwd',
          undo: 'userdel',
        },
      ],
    }
    const flow = async function* (job: Job): Flow {
      yield 'plan'
      job.show({ plan })
      const answer = await job.ask({ kind: 'approve-plan', host: 'anna', plan })
      if (answer.kind === 'no') fail('PLAN_DECLINED')
    }
    const { status, out } = await run('add anna --dry-run', { flow })
    expect(status).toBe(0)
    expect(out).toContain('Make the user nixremote.')
  })
})

describe('collect', () => {
  const found = { paths: 1204, bytes: 3_435_973_837 }
  const freed = { paths: 1204, bytes: 3_221_225_472 }
  const flow = async function* (job: Job): Flow {
    yield 'count-garbage'
    job.show({ garbage: { found } })
    if ((await job.ask({ kind: 'approve-collect', builder: 'anna', ...found })).kind !== 'yes')
      fail('CANCELLED')
    yield 'collect-garbage'
    job.note('600 paths so far')
    job.note('1,204 paths so far')
    job.show({ garbage: { found, freed } })
  }

  test('asks at a terminal, deletes after a yes, and says what that freed', async () => {
    const { status, out } = await run('collect anna', { flow, typed: ['y'] })
    expect(status).toBe(0)
    expect(out).toContain('Freed 3.0 GiB on anna.')
    expect((await run('collect anna', { flow, typed: ['n'] })).status).toBe(130)
  })

  test('says with --dry-run how much could go, and says no for the person, also beside --yes', async () => {
    const { status, out, err, calls } = await run('collect anna --dry-run --yes', { flow })
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toContain('1,204 paths on anna can go, about 3.2 GiB.')
    expect(calls.at(-1)).toMatchObject(['answer', { answer: { kind: 'no' } }])
  })

  test('with nobody to ask ends with status 3', async () => {
    expect((await run('collect anna', { flow })).status).toBe(3)
  })

  test.each([
    ['--yes', { ok: true, builder: 'anna', found, freed }],
    ['--dry-run', { ok: true, builder: 'anna', found }],
  ])('prints with %s --json what was found and freed', async (option, document) => {
    expect(JSON.parse((await run(`collect anna ${option} --json`, { flow })).out)).toEqual(document)
  })

  test('shows how far it is, where a line can be rewritten', async () => {
    expect((await run('collect anna --yes', { flow, live: true })).out).toContain('— 600 paths so far\n')
    expect((await run('collect anna --yes', { flow })).out).not.toContain('600')
  })
})

describe('other commands', () => {
  test('test --json prints the failure as one document', async () => {
    const flow = async function* (): Flow {
      yield 'prove'
      fail('BUILD_FAILED', { builder: 'anna' }, 'boom')
    }
    const { status, out } = await run('test anna --json', { flow })
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      builder: 'anna',
      failure: { code: 'BUILD_FAILED', detail: 'boom' },
    })
  })

  test('remove without consent, and nobody to ask, ends with status 3', async () => {
    const { status, calls } = await run('remove anna')
    expect(status).toBe(3)
    expect(calls).toEqual([])
  })

  test('remove asks at a terminal, and a no ends with status 130', async () => {
    expect((await run('remove anna', { typed: ['n'] })).status).toBe(130)
    expect((await run('remove anna', { typed: ['y'] })).status).toBe(0)
  })

  test('remove that leaves something on the machine ends with status 1, but as it was told to', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      job.leave('A user on anna.', 'untilSettled')
    }
    const left = await run('remove anna --yes', { flow })
    expect(left).toMatchObject({
      status: 1,
      err: 'Left behind: A user on anna.\nTo try that again: millwright remove anna\n',
    })
    expect((await run('remove anna --yes --local-only', { flow })).status).toBe(0)
  })

  test('remove that leaves what no other removal would take back does not say to try again', async () => {
    const flow = async function* (job: Job): Flow {
      yield 'connect'
      job.leave('The Nix daemon on anna has not read what was taken back. Restart it there.')
    }
    const left = await run('remove anna --yes', { flow })
    expect(left).toMatchObject({
      status: 1,
      err:
        'Left behind: The Nix daemon on anna has not read what was taken back. Restart it there.\n' +
        'anna is removed. What is left behind is not for Millwright to take back: do there what it says.\n',
    })
  })

  test('a refused authorisation ends with status 4', async () => {
    const flow = async function* (): Flow {
      yield 'disable'
      fail('NOT_AUTHORISED')
    }
    expect((await run('pause anna', { flow })).status).toBe(4)
  })

  test.each([
    ['pause anna', { id: 'anna' }],
    ['pause anna --for 15m', { id: 'anna', forMs: 900_000 }],
    ['pause anna --for 1h', { id: 'anna', forMs: 3_600_000 }],
    ['pause anna --for 31d', { id: 'anna', forMs: 2_678_400_000 }],
  ])('%s asks for just that, and says when it ends', async (line, command) => {
    const { status, out, calls } = await run(line)
    expect({ status, calls }).toEqual({ status: 0, calls: [['pause-builder', command]] })
    expect(out.includes('Paused until')).toBe('forMs' in command)
  })

  test.each(['0m', '32d', '90', '1.5h', '-1h', 'soon'])('pause --for %s is wrong usage', async (time) => {
    const { status, calls } = await run(`pause anna --for ${time}`)
    expect({ status, calls }).toEqual({ status: 2, calls: [] })
  })

  test('list --json follows the documented shape', async () => {
    const { out } = await run('list --json')
    expect(JSON.parse(out)).toEqual({
      version: 1,
      modes: { remoteOnly: { me: false, everyone: false }, localOnly: { me: false } },
      builders: [],
      unmanaged: [],
    })
  })

  test('--version and --help touch nothing and end well', async () => {
    expect(await run('--version')).toMatchObject({ status: 0, out: '0.0.0\n', calls: [] })
    expect((await run('--help')).out).toContain('rollback')
  })
})
