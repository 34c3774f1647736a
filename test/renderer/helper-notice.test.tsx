// @vitest-environment happy-dom
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

test('a helper of another version is told with the command that installs this one, to be copied by one click', async () => {
  const installCommand = 'sudo /opt/millwright/millwright helper install'
  const helper = { state: 'outdated', way: 'pkexec', version: '0.0.9', warnings: [], installCommand } as const
  const api = renderWindow(aSnapshot({ helper }))
  await screen.findByText('Millwright’s helper is of another version')
  screen.getByText(/of version 0\.0\.9/)
  fireEvent.click(screen.getByRole('button', { name: 'Copy the command' }))
  await waitFor(() => expect(api.sent).toContainEqual({ name: 'copy-text', input: { text: installCommand } }))
  expect(screen.queryByRole('button', { name: 'Install it again' })).toBeNull()
})

test('a helper of another version is renewed by one click where an administrator is all it takes', async () => {
  const helper = {
    ...({ state: 'outdated', way: 'pkexec', version: '0.0.9', warnings: [], isInstallable: true } as const),
    installCommand: 'sudo millwright helper install',
  }
  const api = renderWindow(aSnapshot({ helper }))
  fireEvent.click(await screen.findByRole('button', { name: 'Install it again' }))
  await waitFor(() => expect(api.sent).toContainEqual({ name: 'install-helper', input: {} }))
})
