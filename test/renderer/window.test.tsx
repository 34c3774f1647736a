// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { aBuilder } from '../fixtures/builder'
import { someBuilders } from '../fixtures/builders'
import { aJob, questions, steps } from '../fixtures/job'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'
import { overridden, remotely, scenes } from './fixtures/scenes'

const button = (name: string | RegExp) => screen.findByRole('button', { name })
const click = async (name: string | RegExp) => fireEvent.click(await button(name))
const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } })
const inputsOf = (api: ReturnType<typeof renderWindow>, name: string) =>
  api.sent.filter((command) => command.name === name).map(({ input }) => input)
/** What was asked for, apart from what is only read. */
const changesOf = (api: ReturnType<typeof renderWindow>) =>
  api.sent.filter(({ name }) => !name.startsWith('get-'))

describe('adding', () => {
  test('without builders the window says where everything builds, and a typed address is enough', async () => {
    const api = renderWindow(aSnapshot())
    await screen.findByText('No builders yet. Everything builds on this computer.')
    fireEvent.click((await screen.findAllByRole('button', { name: 'Add builder' }))[0] as HTMLElement)
    type(await screen.findByLabelText(/A machine you can log in to/), 'admin@otto.lan')
    await click('Connect')
    await waitFor(() =>
      expect(inputsOf(api, 'add-builder')).toEqual([{ address: 'admin@otto.lan', options: {} }]),
    )
  })

  test('a refused address stays in its field, with what is wrong beside it', async () => {
    const api = renderWindow(aSnapshot())
    act(() => api.navigate({ to: 'add' }))
    api.refuse('add-builder', { code: 'ADDRESS_IS_THIS_COMPUTER', facts: { host: 'localhost' } })
    const field = await screen.findByLabelText(/A machine you can log in to/)
    type(field, 'localhost')
    await click('Connect')
    const alert = await screen.findByRole('alert')
    expect(within(alert).getByRole('button', { name: 'Copy detail' })).toBeTruthy()
    expect(field).toHaveProperty('value', 'localhost')
  })

  test('a machine within reach takes one click', async () => {
    const api = renderWindow(scenes.choose ?? aSnapshot())
    act(() => api.navigate({ to: 'add' }))
    await click(/gpu-box/)
    await waitFor(() => expect(inputsOf(api, 'add-builder')).toEqual([{ address: 'gpu-box', options: {} }]))
  })

  test('a machine within reach that is a builder already is marked, and not added again', async () => {
    const known = { address: 'north', label: 'north', source: 'ssh-config', detail: 'me@anna.lan' } as const
    const api = renderWindow(aSnapshot({ reachable: [{ ...known, builder: 'anna' }] }))
    act(() => api.navigate({ to: 'add' }))
    const row = await screen.findByRole('button', { name: /north.*anna, a builder already/ })
    expect(row).toHaveProperty('disabled', true)
    fireEvent.click(row)
    expect(inputsOf(api, 'add-builder')).toEqual([])
  })

  test('a machine that turns out to be a builder leads to its page', async () => {
    const failure = {
      code: 'MACHINE_IS_BUILDER',
      facts: { builder: 'anna', host: 'north.lan' },
      step: 'inspect',
    }
    const job = aJob({ builderId: 'anna-2', state: 'failed', failure })
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')], jobs: [job] }))
    await screen.findByText('This is anna, a builder already')
    await click('Show the builder')
    await waitFor(() => expect(inputsOf(api, 'dismiss-job')).toEqual([{ jobId: job.id }]))
    expect(await screen.findByRole('heading', { name: 'anna' })).toBeTruthy()
  })

  test.each([
    [
      'a removal',
      aJob({ kind: 'remove', state: 'done', leftBehind: ['A user on otto.'], isUnsettled: true }),
    ],
    ['adding', aJob({ state: 'failed', leftBehind: ['A user on otto.'] })],
  ])('what %s has left behind can be cleaned up by one click', async (_, job) => {
    const api = renderWindow(aSnapshot({ jobs: [job] }))
    await click('Try to clean up again')
    expect(inputsOf(api, 'remove-builder')).toEqual([{ id: job.builderId, localOnly: false }])
  })

  test('what another removal would not take back is no matter of another click', async () => {
    renderWindow(
      aSnapshot({ jobs: [aJob({ kind: 'remove', state: 'done', leftBehind: ['Restart it there.'] })] }),
    )
    await screen.findByText('Restart it there.')
    expect(screen.queryByText('Try to clean up again')).toBeNull()
  })

  test('trying again after a failure uses the same address and forgets the failed job', async () => {
    const api = renderWindow(scenes.failed ?? aSnapshot())
    await click('Try again')
    await waitFor(() => expect(inputsOf(api, 'dismiss-job')).toEqual([{ jobId: 'job-1' }]))
    expect(inputsOf(api, 'add-builder')).toEqual([{ address: 'admin@otto.lan', options: {} }])
  })

  test('the end shows the proof, and undoing all of it removes on both sides', async () => {
    const api = renderWindow(scenes.proof ?? aSnapshot())
    await screen.findByText('Built on otto in 0.9 s')
    await click('Undo all of it')
    expect(inputsOf(api, 'remove-builder')).toEqual([{ id: 'otto', localOnly: false }])
  })
})

describe('a builder that Nix does not use', () => {
  test('says so once in its row, with the reason, and has its line put back by one press', async () => {
    const api = renderWindow(scenes['not-used'] ?? aSnapshot())
    await screen.findByTitle('Not used · Millwright’s line is gone')
    await click('anna')
    await click('Put the line back')
    expect(inputsOf(api, 'resume-builder')).toEqual([{ id: 'anna' }])
  })

  test('is not offered to be resumed while only another host key keeps builds away', async () => {
    renderWindow(scenes['builder-quarantined'] ?? aSnapshot())
    await click('anna')
    await screen.findByText('Compare the host keys…')
    expect(screen.queryByText('Resume')).toBeNull()
  })
})

describe('leaving a sheet', () => {
  const pressEscape = async () => fireEvent.keyDown(await screen.findByRole('dialog'), { key: 'Escape' })

  test('Escape does nothing while a job runs', async () => {
    const api = renderWindow(aSnapshot({ jobs: [aJob()] }))
    await pressEscape()
    expect(await screen.findByRole('dialog')).toBeTruthy()
    expect(inputsOf(api, 'dismiss-job')).toEqual([])
    expect(inputsOf(api, 'cancel-job')).toEqual([])
  })

  test('Escape closes it once the job has ended', async () => {
    const api = renderWindow(aSnapshot({ jobs: [aJob({ state: 'done', steps: steps('add', 'end') })] }))
    await pressEscape()
    expect(inputsOf(api, 'dismiss-job')).toEqual([{ jobId: 'job-1' }])
  })
})

describe('questions', () => {
  test('a password goes out once and stays nowhere in the page', async () => {
    const api = renderWindow(aSnapshot({ jobs: [questions.password] }))
    const field = await screen.findByLabelText('Password of admin')
    type(field, 'canary-4711')
    await click('Log in')
    expect(inputsOf(api, 'answer')).toEqual([
      {
        jobId: 'job-1',
        questionId: 'question-password',
        answer: { kind: 'secret', secret: 'canary-4711' },
      },
    ])
    expect(field).toHaveProperty('value', '')
    expect(document.documentElement.outerHTML).not.toContain('canary-4711')
  })

  test('a login that was refused may be so for its name too', async () => {
    renderWindow(aSnapshot({ jobs: [questions['password-again']] }))
    await screen.findByText('otto.lan refused that. Is the name admin right?')
  })

  test('the field of a question has the focus', async () => {
    renderWindow(aSnapshot({ jobs: [questions.passphrase] }))
    const field = await screen.findByLabelText('Passphrase')
    await waitFor(() => expect(document.activeElement).toBe(field))
  })

  test('an unknown host key has the focus on the question, so that a stray Enter answers nothing', async () => {
    renderWindow(aSnapshot({ jobs: [questions['host-key']] }))
    const card = await screen.findByRole('form', { name: 'Is this really otto.lan?' })
    await waitFor(() => expect(document.activeElement).toBe(card))
  })

  test.each([
    ['host-key', 'It is the same', { kind: 'yes' }],
    ['host-key', 'It is not', { kind: 'no' }],
    ['approve-plan', 'Set it up', { kind: 'yes' }],
    ['approve-plan', 'Do nothing', { kind: 'no' }],
    ['key-file-consent', 'Keep them in that file', { kind: 'yes' }],
    ['approve-adopt', 'Take it over', { kind: 'yes' }],
    ['approve-adopt', 'Leave it as it is', { kind: 'no' }],
    ['approve-collect', 'Free 3.2 GiB', { kind: 'yes' }],
    ['approve-collect', 'Keep them', { kind: 'no' }],
    ['restart-daemon', 'Restart it now', { kind: 'yes' }],
  ] as const)('%s: “%s” is answered as such', async (kind, name, answer) => {
    const api = renderWindow(aSnapshot({ jobs: [questions[kind]] }))
    await click(name)
    expect(inputsOf(api, 'answer')).toEqual([{ jobId: 'job-1', questionId: `question-${kind}`, answer }])
  })

  test('approving a plan carries the password that sudo will ask for', async () => {
    const api = renderWindow(aSnapshot({ jobs: [questions['approve-plan-sudo']] }))
    type(await screen.findByLabelText('Password of admin'), 's3cret')
    await click('Set it up')
    expect(inputsOf(api, 'answer')).toMatchObject([{ answer: { kind: 'secret', secret: 's3cret' } }])
  })

  test('prompts of the machine are answered in their order, and their words are text', async () => {
    const api = renderWindow(aSnapshot({ jobs: [questions['keyboard-interactive']] }))
    type(await screen.findByLabelText('(otto.lan asks) Password'), 'one')
    type(await screen.findByLabelText('(otto.lan asks) One-time code <b>from your phone</b>'), 'two')
    await click('Send')
    expect(inputsOf(api, 'answer')).toMatchObject([{ answer: { kind: 'secrets', secrets: ['one', 'two'] } }])
  })

  test('the plan shows every change and the whole script before anything is agreed to', async () => {
    renderWindow(aSnapshot({ jobs: [questions['approve-plan']] }))
    await click('Show what will be done')
    expect(await screen.findByText('userdel nixremote', { exact: false })).toBeTruthy()
    const script = await screen.findByLabelText('The script', { selector: 'textarea' })
    expect((script as HTMLTextAreaElement).value).toContain('useradd --system')
  })
})

describe('a builder', () => {
  test('is paused and resumed from its page', async () => {
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')] }))
    await click('anna')
    await click('Pause')
    fireEvent.click(await screen.findByRole('menuitem', { name: 'For 1 h' }))
    act(() => api.publish({ builders: [aBuilder('anna', { enabled: false, state: 'paused' })] }))
    await click('Resume')
    expect(changesOf(api)).toEqual([
      { name: 'pause-builder', input: { id: 'anna', forMs: 3_600_000 } },
      { name: 'resume-builder', input: { id: 'anna' } },
    ])
  })

  test('that is suspended says since when and why, and can be tried again or paused for good', async () => {
    const api = renderWindow(aSnapshot({ builders: someBuilders }))
    await click('attic')
    await screen.findByText(/Nix does not wait for it\. It comes back by itself/)
    await click('Use it all the same')
    await click('Pause')
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Until I resume' }))
    expect(changesOf(api)).toEqual([
      { name: 'resume-builder', input: { id: 'attic' } },
      { name: 'pause-builder', input: { id: 'attic' } },
    ])
  })

  test('that is being paused says how many builds finish first', async () => {
    const jobs = [aJob({ kind: 'pause', builderId: 'anna', steps: steps('pause', 'disable') })]
    renderWindow(aSnapshot({ builders: [aBuilder('anna', { runningBuilds: 2 })], jobs }))
    await screen.findByText(/2 builds finish first/)
  })

  test('is removed only after saying on which sides', async () => {
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')] }))
    await click('What to do with anna')
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Remove…' }))
    fireEvent.click(await screen.findByLabelText(/Only here/))
    expect(inputsOf(api, 'remove-builder')).toEqual([])
    await click('Remove only here')
    expect(inputsOf(api, 'remove-builder')).toEqual([{ id: 'anna', localOnly: true }])
  })

  test('has the focus again when its page is left', async () => {
    renderWindow(aSnapshot({ builders: [aBuilder('anna'), aBuilder('otto')] }))
    await click('otto')
    await click('All builders')
    const row = await button('otto')
    await waitFor(() => expect(document.activeElement).toBe(row))
  })

  test('that is gone from the snapshot gives way to the list', async () => {
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna'), aBuilder('otto')] }))
    await click('anna')
    await screen.findByRole('heading', { level: 1, name: 'anna' })
    act(() => api.publish({ builders: [aBuilder('otto')] }))
    await screen.findByRole('heading', { level: 1, name: 'Builders' })
  })

  test('a command that the app refuses is said at the top of the window', async () => {
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')] }))
    api.refuse('test-builder', { code: 'BUILDER_BUSY', facts: { builder: 'anna' } })
    await click('What to do with anna')
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Send a test build' }))
    expect(await screen.findByRole('alert')).toBeTruthy()
  })
})

describe('a mode', () => {
  const onOff = (name: string | RegExp) => screen.findByRole('switch', { name })
  const builders = [aBuilder('anna')]

  test('goes on for me, shows only what Nix does, and goes off again', async () => {
    const api = renderWindow(aSnapshot({ builders }))
    const remote = await onOff('Build only remotely')
    fireEvent.click(remote)
    await waitFor(() => expect(remote.getAttribute('aria-busy')).toBeNull())
    expect(remote).toHaveProperty('checked', false)
    act(() => api.publish({ modes: remotely }))
    await waitFor(() => expect(remote).toHaveProperty('checked', true))
    fireEvent.click(remote)
    expect(inputsOf(api, 'set-mode')).toEqual([
      { mode: 'remote-only', scope: 'wherever', on: true },
      { mode: 'remote-only', scope: 'wherever', on: false },
    ])
  })

  test('says beside the switch, also aloud, what Nix really does', async () => {
    renderWindow(aSnapshot({ builders }))
    const described = (await onOff('Build only remotely')).getAttribute('aria-describedby') ?? ''
    expect(document.getElementById(described)?.textContent).toMatch(/builds fail/)
  })

  test('is switched for everyone where it says that this needs an administrator', async () => {
    const api = renderWindow(aSnapshot({ builders }))
    await click('Build only remotely: for me')
    await screen.findByText('needs an administrator')
    fireEvent.click(await onOff('Build only remotely: for everyone'))
    expect(inputsOf(api, 'set-mode')).toEqual([{ mode: 'remote-only', scope: 'everyone', on: true }])
  })

  test('that something else decides says what and where, and a press explains instead of pretending', async () => {
    const api = renderWindow(aSnapshot({ builders, modes: overridden }))
    const remote = await onOff('Build only remotely')
    expect(remote).toHaveProperty('checked', false)
    expect(await screen.findAllByText(/max-jobs is decided by .*nix\.conf:12/)).not.toEqual([])
    fireEvent.click(remote)
    fireEvent.click(await onOff('Build only remotely: for me'))
    expect(inputsOf(api, 'set-mode')).toEqual([{ mode: 'remote-only', scope: 'me', on: false }])
  })

  test('is not offered before there is a builder', async () => {
    renderWindow(aSnapshot())
    await screen.findByText('No builders yet. Everything builds on this computer.')
    expect(screen.queryByRole('switch')).toBeNull()
  })

  test('that the tray could not switch says why in the window', async () => {
    const api = renderWindow(aSnapshot({ builders }))
    await onOff('Build only remotely')
    act(() =>
      api.navigate({ to: 'builders', failure: { code: 'MODES_CONFLICT', facts: { setting: 'builders' } } }),
    )
    await screen.findByText('Then nothing could be built at all')
  })

  test('that everyone’s administrator refused says so', async () => {
    renderWindow(scenes['everyone-failed'] ?? aSnapshot())
    await screen.findByText('An administrator has to allow this')
  })
})

describe('a substituter', () => {
  const onOff = (name: string) => screen.findByRole('switch', { name })

  test('is explained before the key is made', async () => {
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')] }))
    fireEvent.click(await onOff('Use anna as substituter'))
    await screen.findByText(/A signing key is made on anna/)
    expect(inputsOf(api, 'use-substituter')).toEqual([])
    await click('Make the key')
    expect(inputsOf(api, 'use-substituter')).toEqual([{ id: 'anna', scope: 'me', on: true }])
  })

  test('goes off wherever it is on, with one command', async () => {
    const substituter = { offered: true, me: true, everyone: true }
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna', { substituter })] }))
    fireEvent.click(await onOff('Use anna as substituter'))
    await waitFor(() =>
      expect(inputsOf(api, 'use-substituter')).toEqual([{ id: 'anna', scope: 'wherever', on: false }]),
    )
  })

  test('shows how far signing is, and can be withdrawn', async () => {
    const substituter = { offered: true, me: true, everyone: false, signing: { done: 18_204, total: 21_980 } }
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna', { substituter })] }))
    await screen.findByText('signing 82 %')
    await click('anna')
    const progress = await screen.findByRole('progressbar', { name: /18,204 of 21,980 paths/ })
    expect(progress).toHaveProperty('value', 18_204)
    await click('Withdraw')
    expect(inputsOf(api, 'withdraw-substituter')).toEqual([{ id: 'anna' }])
  })

  test('is not offered where nothing answers', async () => {
    renderWindow(aSnapshot({ builders: [aBuilder('anna', { state: 'unreachable' })] }))
    await screen.findByText('Not a substituter')
    expect(screen.queryByRole('switch', { name: 'Use anna as substituter' })).toBeNull()
  })
})

describe('builders of others', () => {
  test('stand below ours as not managed, with where each is written and how it answers', async () => {
    renderWindow(scenes.unmanaged ?? aSnapshot())
    const card = within(await screen.findByRole('region', { name: 'Not managed by Millwright' }))
    const [legacy, m1, hidden] = card.getAllByRole('listitem').map(({ textContent }) => textContent ?? '')
    expect(legacy).toMatch(/legacy\.corp.*answers in 14 ms.*1 of 4.*\/etc\/nix\/machines:3/)
    expect(m1).toMatch(/m1.*does not answer.*made by a rebuild/)
    expect(hidden).toMatch(/Only root may read its line/)
  })

  test('are adopted with one press, where root could move the line', async () => {
    const api = renderWindow(scenes.unmanaged ?? aSnapshot())
    const adopt = await screen.findAllByRole('button', { name: /^Adopt/ })
    expect(adopt.map(({ textContent }) => textContent)).toEqual(['Adopt\u00a0legacy.corp'])
    fireEvent.click(adopt[0] as HTMLElement)
    await waitFor(() => expect(inputsOf(api, 'adopt-builder')).toEqual([{ line: 'a'.repeat(64) }]))
  })

  test('that were adopted are removed by giving the line back, and nothing is said of a login there', async () => {
    renderWindow(aSnapshot({ builders: [aBuilder('anna', { adoptedFrom: '/etc/nix/machines' })] }))
    await click('What to do with anna')
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Remove…' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove anna?' }))
    expect(dialog.getByText('/etc/nix/machines')).toBeTruthy()
    expect(dialog.queryByText(/Millwright logs in/)).toBeNull()
    expect(dialog.queryByRole('checkbox')).toBeNull()
  })

  test('are there before the first builder of ours too', async () => {
    renderWindow(aSnapshot({ unmanaged: scenes.unmanaged?.unmanaged ?? [] }))
    expect(await screen.findAllByText('legacy.corp')).not.toEqual([])
  })
})

describe('Copy as Nix', () => {
  test('on a builder’s page copies the module that NixOS takes, with the place of root’s key', async () => {
    const localFiles = [{ path: '/x/keys/anna', mode: '0600', owns: 'whole' }] as const
    const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')], localFiles }))
    act(() => api.navigate({ to: 'builder', id: 'anna' }))
    await click(/^Copy as Nix/)
    await waitFor(() => expect(inputsOf(api, 'copy-text')).toHaveLength(1))
    const [copied] = inputsOf(api, 'copy-text')
    expect(JSON.stringify(copied)).toContain('hostName = \\"millwright-anna\\";')
    expect(JSON.stringify(copied)).toContain('sshKey = \\"/x/keys/anna\\";')
  })
})
