// @vitest-environment happy-dom
import { act, fireEvent, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { aBuilder } from '../fixtures/builder'
import { aJob } from '../fixtures/job'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

test('the keys to a builder are renewed from its menu, by a plan that is read and approved first', async () => {
  const api = renderWindow(aSnapshot({ builders: [aBuilder('anna')] }))
  fireEvent.click(await screen.findByRole('button', { name: 'What to do with anna' }))
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Renew its keys…' }))
  expect(api.sent.at(-1)).toEqual({ name: 'rotate-key', input: { id: 'anna' } })

  const change = {
    ...({ where: 'remote', what: 'Let the new keys in beside the old ones.' } as const),
    ...{ target: '/var/lib/millwright/home/.ssh/authorized_keys', undo: 'They are taken out again.' },
  }
  const plan = { changes: [change], derived: [], consents: [], script: 'echo keys' }
  const job = aJob({
    kind: 'rotate-key',
    builderId: 'anna',
    state: 'asking',
    steps: [{ name: 'plan', state: 'running' }],
    plan,
    asked: { id: 'question-1', question: { kind: 'approve-plan', host: 'anna.lan', plan, renews: 'anna' } },
  })
  act(() => api.publish({ jobs: [job] }))
  await screen.findByRole('dialog', { name: 'Renewing the keys to anna' })
  await screen.findByText('Let the new keys in beside the old ones.')
  await screen.findByText('Renew the keys to anna?')
  expect(api.sent.some(({ name }) => name === 'answer')).toBe(false)
  fireEvent.click(await screen.findByRole('button', { name: 'Renew them' }))
  expect(api.sent.at(-1)?.name).toBe('answer')
})
