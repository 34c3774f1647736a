// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { type AutostartView, defaultPreferences } from '../../contract/preferences'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

const every: AutostartView = { way: 'off', offered: ['off', 'desktop', 'systemd'] }

function openSettings(autostart = every) {
  const api = renderWindow(aSnapshot({ autostart }))
  act(() => api.navigate({ to: 'settings' }))
  return api
}
const sentOf = (api: ReturnType<typeof openSettings>, name: string) =>
  api.sent.filter((command) => command.name === name).map(({ input }) => input)

test('starting at login is chosen among the ways that there are', async () => {
  const api = openSettings()
  fireEvent.click(await screen.findByRole('radio', { name: 'When I log in, by systemd' }))
  await waitFor(() => expect(sentOf(api, 'set-autostart')).toEqual([{ way: 'systemd' }]))
  expect(screen.getByRole('radio', { name: 'Only when I open it' })).toHaveProperty('checked', true)
  act(() => api.publish({ autostart: { ...every, way: 'systemd' } }))
  expect(screen.getByRole('radio', { name: 'When I log in, by systemd' })).toHaveProperty('checked', true)
})

test('a way that there is not is not offered', async () => {
  openSettings({ way: 'off', offered: ['off', 'desktop'] })
  await screen.findByRole('radio', { name: 'When I log in' })
  expect(screen.queryByRole('radio', { name: /systemd/ })).toBeNull()
})

test('where nothing can start it, it says so', async () => {
  openSettings({ way: 'off', offered: ['off'] })
  await screen.findByText('Nothing here can start it when you log in.')
})

test('a change that could not be made says why', async () => {
  const api = openSettings()
  api.refuse('set-autostart', { code: 'AUTOSTART_FAILED', facts: {} })
  fireEvent.click(await screen.findByRole('radio', { name: 'When I log in' }))
  await screen.findByText('Starting at login could not be changed')
})

test.each([
  ['A builder is lost, or is back', 'lost'],
  ['A builder is running out of space', 'diskLow'],
  ['A builder shows another host key', 'hostKeyChanged'],
  ['A long build has finished', 'longBuild'],
])('“%s” is switched by itself, and shows only what holds', async (label, name) => {
  const api = openSettings()
  const one = await screen.findByRole('switch', { name: label })
  fireEvent.click(one)
  const notifications = { ...defaultPreferences.notifications, [name]: false }
  expect(sentOf(api, 'set-preferences')).toEqual([{ notifications: { [name]: false } }])
  expect(one).toHaveProperty('checked', true)
  act(() => api.publish({ preferences: { ...defaultPreferences, notifications } }))
  await waitFor(() => expect(one).toHaveProperty('checked', false))
})

test.each([
  ['25', 25],
  ['0', 1],
  ['99999', 1440],
])('a long build of “%s” minutes is one of %i', async (typed, longBuildMinutes) => {
  const api = openSettings()
  const field = await screen.findByRole('textbox', { name: 'Minutes from which a build is long' })
  fireEvent.change(field, { target: { value: typed } })
  expect(sentOf(api, 'set-preferences')).toEqual([])
  fireEvent.blur(field)
  expect(sentOf(api, 'set-preferences')).toEqual([{ longBuildMinutes }])
})

test('an emptied field of minutes keeps what was', async () => {
  const api = openSettings()
  const field = await screen.findByRole('textbox', { name: 'Minutes from which a build is long' })
  fireEvent.change(field, { target: { value: '' } })
  fireEvent.blur(field)
  expect(field).toHaveProperty('value', '10')
  expect(sentOf(api, 'set-preferences')).toEqual([])
})

test('leaving out dead builders can be turned off, with what that means', async () => {
  const api = openSettings()
  await screen.findByText(/Nix builds elsewhere at once/)
  fireEvent.click(screen.getByRole('switch', { name: 'Leave out a builder that does not answer' }))
  expect(sentOf(api, 'set-preferences')).toEqual([{ suspend: false }])
  act(() => api.publish({ preferences: { ...defaultPreferences, suspend: false } }))
  await screen.findByText(/Nix waits for it until you pause it/)
})
