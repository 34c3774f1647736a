// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { noBuilds } from '../../contract/builds'
import type { BuilderView } from '../../contract/snapshot'
import { BuilderList } from '../../renderer/features/builders/builder-list'
import { CommandsProvider } from '../../renderer/state/api-context'
import { aBuilder } from '../fixtures/builder'
import { manyBuilders } from '../fixtures/builders'
import { aSnapshot } from '../fixtures/snapshot'
import { createFakeApi } from './fixtures/fake-api'
import { renderWindow } from './fixtures/render-window'

const rows = () => within(screen.getByRole('list', { name: 'Builders' })).getAllByRole('listitem')
const nameOf = (row: HTMLElement) => row.querySelector('[data-row-name]')?.textContent
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key })
const focused = () => document.activeElement?.textContent

async function renderMany() {
  const api = renderWindow(aSnapshot({ builders: manyBuilders(500) }))
  await screen.findByRole('button', { name: 'rack-000' })
  return api
}

test('of 500 builders only the rows in sight exist, and say which of how many they are', async () => {
  await renderMany()
  expect(rows().length).toBeLessThan(30)
  for (const row of rows()) {
    expect(row.getAttribute('aria-setsize')).toBe('500')
    expect(nameOf(row)).toBe(`rack-${String(Number(row.getAttribute('aria-posinset')) - 1).padStart(3, '0')}`)
  }
})

test('the arrow keys, Home and End lead from row to row', async () => {
  await renderMany()
  act(() => screen.getByRole('button', { name: 'rack-000' }).focus())
  press('ArrowDown')
  press('ArrowDown')
  expect(focused()).toBe('rack-002')
  press('ArrowUp')
  expect(focused()).toBe('rack-001')
  press('End')
  await waitFor(() => expect(focused()).toBe('rack-499'))
  press('ArrowDown')
  expect(focused()).toBe('rack-499')
  press('Home')
  await waitFor(() => expect(focused()).toBe('rack-000'))
})

test('keys pressed in a control of the row are the control’s', async () => {
  await renderMany()
  const menu = screen.getByRole('button', { name: 'What to do with rack-001' })
  act(() => menu.focus())
  press('ArrowDown')
  expect(document.activeElement).toBe(menu)
})

test('one of hundreds has the focus again when its page is left', async () => {
  const api = await renderMany()
  act(() => api.navigate({ to: 'builder', id: 'rack-300' }))
  fireEvent.click(await screen.findByRole('button', { name: 'All builders' }))
  await waitFor(() => expect(focused()).toBe('rack-300'))
})

test('finding still reaches a row far out of sight', async () => {
  await renderMany()
  fireEvent.change(screen.getByRole('textbox', { name: /^Find builders/ }), { target: { value: 'rack-417' } })
  await waitFor(() => expect(rows().map(nameOf)).toEqual(['rack-417']))
})

test('only the row that changed is drawn again', () => {
  const drawn: string[] = []
  const watched = (id: string, change: Partial<BuilderView> = {}): BuilderView =>
    Object.defineProperty(aBuilder(id, change), 'host', {
      get: () => {
        drawn.push(id)
        return `${id}.lan`
      },
    })
  const api = createFakeApi(aSnapshot())
  const onShow = () => undefined
  const list = (builders: readonly BuilderView[]) => (
    <MantineProvider withCssVariables={false} withGlobalClasses={false}>
      <CommandsProvider api={api}>
        <BuilderList builders={builders} builds={noBuilds} jobs={[]} left={undefined} onShow={onShow} />
      </CommandsProvider>
    </MantineProvider>
  )
  const before = ['anna', 'otto', 'pi5'].map((id) => watched(id))
  const { rerender } = render(list(before))
  expect(new Set(drawn)).toEqual(new Set(['anna', 'otto', 'pi5']))
  drawn.length = 0
  rerender(list(before.map((one, index) => (index === 1 ? watched('otto', { runningBuilds: 2 }) : one))))
  expect(new Set(drawn)).toEqual(new Set(['otto']))
  expect(screen.getByText('2 of 8 jobs')).toBeTruthy()
})
