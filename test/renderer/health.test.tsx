// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { HealthView } from '../../contract/health'
import type { BuilderView } from '../../contract/snapshot'
import { aBuilder } from '../fixtures/builder'
import { aBuild, finishedBuilds } from '../fixtures/builds'
import { aSample, watched } from '../fixtures/health'
import { aJob, steps } from '../fixtures/job'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

const gib = 2 ** 30
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

async function rowOf(builder: BuilderView, change: Parameters<typeof aSnapshot>[0] = {}) {
  renderWindow(aSnapshot({ builders: [builder], ...change }))
  return (await screen.findByRole('button', { name: builder.id })).closest('li') as HTMLElement
}

test('a row says what builds there, how many jobs are taken, what is free and how fast it answers', async () => {
  const builder = watched(aBuilder('anna', { runningBuilds: 2 }), { state: 'building' })
  const running = [aBuild('hello-2.12'), aBuild('openssl-3.4'), aBuild('elsewhere-1', { builder: 'otto' })]
  const row = await rowOf(builder, { builds: { feed: 'json-log', running, finished: [] } })
  within(row).getByText('Building 2')
  within(row).getByText(/hello-2\.12, openssl-3\.4$/)
  within(row).getByText('2 of 8 jobs')
  within(row).getByText('212 GiB free')
  within(row).getByText('0.8 ms')
  within(row).getByRole('img', { name: /^Load in the last 15 minutes: at most \d+ % of its CPUs/ })
})

test('a row that waits says when something was last built there', async () => {
  const finished = finishedBuilds(1).map((build) => ({ ...build, builder: 'anna' }))
  const row = await rowOf(watched(aBuilder('anna')), { builds: { feed: 'json-log', running: [], finished } })
  within(row).getByText(/last build 4 min ago/)
})

test('what is not known is not made up', async () => {
  const row = await rowOf(aBuilder('anna', { state: 'paused', enabled: false }))
  for (const what of ['Load', 'Free space', 'Time to answer']) within(row).getByText(`${what} not known`)
  within(row).getByText('8 jobs')
})

const words: readonly [Partial<HealthView>, RegExp][] = [
  [{ state: 'slow', failure: { code: 'REMOTE_OVERLOADED', facts: { builder: 'anna' } } }, /^Slow$/],
  [{ state: 'nix-broken', since: minutesAgo(31) }, /^Nix broken for 31 min$/],
  [{ state: 'unreachable', since: minutesAgo(12) }, /^Unreachable for 12 min$/],
  [{ state: 'disk-low', fullInMs: 6.2 * 3_600_000 }, /full in about 6 h/],
  [{ state: 'disk-low', sample: aSample({ storeFreeBytes: 3.4 * gib }) }, /3\.4 GiB left/],
]
test.each(words)('%j reads %s', async (health, pattern) => {
  const row = await rowOf(watched(aBuilder('anna'), health))
  expect(within(row).getAllByText(pattern)).not.toEqual([])
})

test('a lost builder shows what was last seen of it, and no time to answer', async () => {
  const row = await rowOf(watched(aBuilder('anna'), { state: 'unreachable' }))
  within(row).getByText('212 GiB then')
  within(row).getByText('Time to answer not known')
})

test('many jobs are a bar, not hundreds of squares', async () => {
  const row = await rowOf(aBuilder('anna', { maxJobs: 480, runningBuilds: 120 }))
  within(row).getByText('120 of 480 jobs')
  expect(row.querySelectorAll('*').length).toBeLessThan(60)
})

const low = watched(aBuilder('pi5'), { state: 'disk-low', fullInMs: 6 * 3_600_000 })

test('a builder that runs out of space is spoken of above the list, with a way to see what could go', async () => {
  const api = renderWindow(aSnapshot({ builders: [low] }))
  await screen.findByText('pi5 is running out of space.')
  fireEvent.click(screen.getByRole('button', { name: 'Show what would go' }))
  await waitFor(() => expect(api.sent).toContainEqual({ name: 'collect-garbage', input: { id: 'pi5' } }))
  const jobs = [aJob({ kind: 'collect', builderId: 'pi5', steps: steps('collect', 'count-garbage') })]
  act(() => api.publish({ jobs }))
  expect(await screen.findByRole('button', { name: 'Freeing space…' })).toHaveProperty('disabled', true)
})

test('many such builders are one notice, so that the list stays in sight', async () => {
  const builders = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => ({ ...low, id }))
  renderWindow(aSnapshot({ builders }))
  await screen.findByText('8 builders are running out of space.')
  await screen.findByText(/a, b, c, d, e, f and 2 more/)
})

test('the question what may go is asked on a sheet, and what was freed stands in the row', async () => {
  const asked = {
    id: 'question-1',
    question: { kind: 'approve-collect', builder: 'pi5', paths: 4210, bytes: 18 * gib } as const,
  }
  const job = aJob({
    kind: 'collect',
    builderId: 'pi5',
    state: 'asking',
    asked,
    steps: steps('collect', 'count-garbage'),
  })
  const api = renderWindow(aSnapshot({ builders: [low], jobs: [job] }))
  await screen.findByRole('dialog', { name: 'Freeing space on pi5' })
  const { asked: _, ...rest } = job
  const ended = steps('collect', 'end').map((step) => ({ ...step, note: 'freed 18 GiB' }))
  act(() => api.publish({ jobs: [{ ...rest, state: 'done', steps: ended }] }))
  await screen.findByText('freed 18 GiB')
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  await waitFor(() => expect(api.sent).toContainEqual({ name: 'dismiss-job', input: { jobId: 'job-1' } }))
})

test('space can be freed from the menu of any builder and from its page', async () => {
  const api = renderWindow(aSnapshot({ builders: [watched(aBuilder('anna'))] }))
  fireEvent.click(await screen.findByRole('button', { name: 'What to do with anna' }))
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Free space…' }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  fireEvent.click(await screen.findByRole('button', { name: 'Free space…' }))
  const sent = api.sent.filter(({ name }) => name === 'collect-garbage')
  expect(sent.map(({ input }) => input)).toEqual([{ id: 'anna' }, { id: 'anna' }])
})

test('a builder in use can be offered as substituter, however it does', async () => {
  const row = await rowOf(watched(aBuilder('anna', { runningBuilds: 1 }), { state: 'building' }))
  within(row).getByRole('switch', { name: 'Use anna as substituter' })
})

test('the page of a builder shows the machine as it is now', async () => {
  const sample = aSample({ clockOffsetMs: -90_000, storeFreeBytes: 100 * gib, buildFreeBytes: 7 * gib })
  const api = renderWindow(aSnapshot({ builders: [watched(aBuilder('anna'), { sample })] }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  await screen.findByText('100 GiB of 480 GiB')
  await screen.findByText('in its store; 7.0 GiB where it builds')
  await screen.findByText('19 d 05 h')
  await screen.findByText('1 min 30 s behind')
})

test('its page tells apart what this computer builds there and what others do', async () => {
  const builder = watched(aBuilder('anna', { runningBuilds: 1 }), {
    state: 'building',
    sample: aSample({ builds: 3, buildNames: ['hello-2.12', 'chromium-131.0'] }),
  })
  const running = [aBuild('hello-2.12', { phase: 'checkPhase' }), aBuild('far-1', { builder: 'otto' })]
  const builds = { feed: 'json-log', running, finished: [] } as const
  const api = renderWindow(aSnapshot({ builders: [builder], builds }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  const card = await screen.findByRole('region', { name: 'Building now' })
  within(card).getByText('hello-2.12')
  within(card).getByText(/phase check/)
  within(card).getByText('2 builds of others run there: chromium-131.0, …')
  expect(within(card).queryByText('far-1')).toBeNull()
})

test('builds of which only the slots are known are not denied', async () => {
  const api = renderWindow(aSnapshot({ builders: [aBuilder('anna', { runningBuilds: 2 })] }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  await screen.findByText('2 builds of this computer; what they are is not known.')
})

test('what hinders no build is said without alarm', async () => {
  const failure = { code: 'REMOTE_CLOCK_WRONG', facts: { builder: 'anna', offset: '2 min behind' } } as const
  const api = renderWindow(aSnapshot({ builders: [watched(aBuilder('anna'), { failure })] }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  await screen.findByText('The clock of anna is 2 min behind')
  expect(screen.queryByRole('alert')).toBeNull()
})
