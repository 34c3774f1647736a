// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { BuilderView } from '../../contract/snapshot'
import { aBuilder } from '../fixtures/builder'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

const pageOf = (change: Partial<BuilderView>) => {
  const api = renderWindow(aSnapshot({ builders: [{ ...aBuilder('otto'), ...change }] }))
  act(() => api.navigate({ to: 'builder', id: 'otto' }))
  return api
}

test.each([
  [{}, 'Share one connection to otto', true],
  [{ sharing: 'on' }, 'Let each build on otto log in', false],
] as const)('a builder with %j offers to “%s”', async (change, name, on) => {
  const api = pageOf(change)
  fireEvent.click(await screen.findByRole('button', { name }))
  await waitFor(() =>
    expect(api.sent).toContainEqual({ name: 'share-connection', input: { id: 'otto', on } }),
  )
})

test('a connection that was turned off by itself says so', async () => {
  pageOf({ sharing: 'failed' })
  await screen.findByText(/a login for each build/)
  await screen.findByText(/no longer got through/)
})

test('more builds than one login usually carries are spoken of', async () => {
  pageOf({ sharing: 'on', maxJobs: 16 })
  await screen.findByText(/the rest usually log in for themselves/)
})
