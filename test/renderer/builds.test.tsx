// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { BuildFeed } from '../../contract/builds'
import { aBuilder } from '../fixtures/builder'
import { aBuild, finishedBuilds, someBuilds } from '../fixtures/builds'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

const builders = [aBuilder('anna'), aBuilder('m1-mini')]

function openBuilds(builds = someBuilds) {
  const api = renderWindow(aSnapshot({ builders, builds }))
  act(() => api.navigate({ to: 'builds' }))
  return api
}
const rowOf = async (name: string) => (await screen.findByText(name)).closest('li') as HTMLElement

test('the rail counts what runs, and leads to it', async () => {
  renderWindow(aSnapshot({ builders, builds: someBuilds }))
  fireEvent.click(await screen.findByRole('button', { name: /^Builds/ }))
  await screen.findByText('6 builds running')
})

test('a running build says where, for whom, since when, what it does and how long it may take', async () => {
  openBuilds()
  const row = within(await rowOf('linux-6.18.44'))
  row.getByRole('button', { name: 'anna' })
  row.getByText('dev')
  row.getByText(/^12 min \d\d s$/)
  row.getByText(/phase build · about 4 min left/)
})

test.each([
  ['hello-2.12.1', /copying 12 of 34 MiB there/],
  ['nixos-system-otto-25.11', /this computer/],
  ['a build without a name', /starting/],
  ['openssl-3.4.1', /longer than its usual 40 s/],
])('%s: %s', async (name, words) => {
  openBuilds({ ...someBuilds, finished: [] })
  within(await rowOf(name)).getByText(words)
})

test('the last lines of its log are one click away', async () => {
  openBuilds()
  const row = await rowOf('linux-6.18.44')
  expect(within(row).getByText('Log')).toBeTruthy()
  expect(row.querySelector('pre')?.textContent).toContain('LD [M]  drivers/net/ethernet/intel/igc/igc.o')
  expect(within(await rowOf('openssl-3.4.1')).queryByText('Log')).toBeNull()
})

test('a builder of ours opens its page; a machine that is not ours only has its name', async () => {
  openBuilds()
  expect(screen.queryByRole('button', { name: /legacy/ })).toBeNull()
  fireEvent.click(within(await rowOf('linux-6.18.44')).getByRole('button', { name: 'anna' }))
  await screen.findByRole('heading', { level: 1, name: 'anna' })
})

test('a second later the time has gone on', async () => {
  openBuilds({
    feed: 'json-log',
    running: [aBuild('a-1', { startedAt: new Date().toISOString() })],
    finished: [],
  })
  const row = within(await rowOf('a-1'))
  row.getByText('0 s')
  await row.findByText('1 s', {}, { timeout: 3000 })
})

test('finished builds say how they ended and how long they took', async () => {
  openBuilds({ feed: 'json-log', running: [], finished: finishedBuilds(5) })
  within(await rowOf('hello-2.12.1')).getByText('0.9 s')
  const firefox = within(await rowOf('firefox-133.0'))
  firefox.getByText(/^Failed/)
  firefox.getByText('this computer')
})

test('a failed build shows the end of its log, and gives the command for all of it', async () => {
  const api = openBuilds({ feed: 'json-log', running: [], finished: finishedBuilds(5) })
  const firefox = within(await rowOf('firefox-133.0'))
  firefox.getByText('The end of its log')
  firefox.getByText(/Rust compiler not found/)
  fireEvent.click(firefox.getByRole('button', { name: /Copy the command for its log/ }))
  expect(api.sent).toContainEqual({
    name: 'copy-text',
    input: { text: 'nix log /nix/store/0c7xw1sx4vks1l8b6kc3qzvq1nsr3d5v-firefox-133.0.drv' },
  })
  expect(within(await rowOf('hello-2.12.1')).queryByRole('button', { name: /log/ })).toBeNull()
})

test('of a hundred finished builds only those in sight exist', async () => {
  openBuilds()
  const list = await screen.findByRole('list', { name: 'Finished builds' })
  const rows = within(list).getAllByRole('listitem')
  expect(rows.length).toBeLessThan(40)
  expect(rows[0]?.getAttribute('aria-setsize')).toBe('100')
})

test('rows without a control of their own take the focus themselves', async () => {
  openBuilds()
  const list = await screen.findByRole('list', { name: 'Finished builds' })
  const [first, second] = within(list).getAllByRole('listitem')
  act(() => first?.focus())
  fireEvent.keyDown(first as HTMLElement, { key: 'ArrowDown' })
  expect(document.activeElement).toBe(second)
  expect([first, second].map((row) => row?.tabIndex)).toEqual([-1, 0])
})

test.each<[BuildFeed, RegExp]>([
  ['json-log', /Nix’s own log/],
  ['nix-ps', /Nix’s own list/],
  ['locks', /Nix’s locks/],
  ['processes', /once json-log-path is set/],
])('from %s, the screen says where this is known from', async (feed, words) => {
  openBuilds({ ...someBuilds, feed })
  await screen.findByText(words)
})

test('where nothing builds it says what to do', async () => {
  openBuilds({ feed: 'json-log', running: [], finished: [] })
  await screen.findByText('Nothing builds.')
  await screen.findByText(/Start a build in any terminal/)
})

test('where nothing can be known it says so instead', async () => {
  openBuilds({ feed: 'none', running: [], finished: [] })
  await screen.findByText(/Nothing here tells what Nix builds/)
  expect(screen.queryByText('Nothing builds.')).toBeNull()
})
