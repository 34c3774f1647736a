// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { aBuilder } from '../fixtures/builder'
import { aJob } from '../fixtures/job'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

const before = 'SHA256:a1Bb2C3dD4eE5fF6gG7hH8iI9jJ0kK1lL2mM3nN4oO5'
const now = 'SHA256:p0Qm4T7wJ2sVbRk9eXd1yZn3cLp8tGfHaUiKoNwmzab'

test('a builder in quarantine leads to a comparison of its host keys, and one answer lets it out', async () => {
  const locked = aBuilder('anna', {
    quarantined: true,
    enabled: false,
    state: 'refused',
    failure: { code: 'QUARANTINED', facts: { builder: 'anna', host: 'anna.lan' } },
  })
  const api = renderWindow(aSnapshot({ builders: [locked] }))
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  const alert = await screen.findByRole('alert')
  fireEvent.click(within(alert).getByRole('button', { name: 'Compare the host keys…' }))
  expect(api.sent.at(-1)).toEqual({ name: 'accept-host-key', input: { id: 'anna' } })

  const job = aJob({
    kind: 'accept-host-key',
    builderId: 'anna',
    state: 'asking',
    steps: [{ name: 'read-host-key', state: 'running' }],
    asked: {
      id: 'question-1',
      question: {
        kind: 'host-key',
        host: 'anna.lan',
        port: 22,
        keyType: 'ssh-ed25519',
        fingerprint: now,
        known: [before],
      },
    },
  })
  act(() => api.publish({ jobs: [job] }))
  await screen.findByText(now)
  await screen.findByText(before)
  expect(api.sent.some(({ name }) => name === 'answer')).toBe(false)
  fireEvent.click(await screen.findByRole('button', { name: 'Accept the new key' }))
  expect(api.sent.at(-1)).toEqual({
    name: 'answer',
    input: { jobId: 'job-1', questionId: 'question-1', answer: { kind: 'yes' } },
  })
})
