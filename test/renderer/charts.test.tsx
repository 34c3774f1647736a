// @vitest-environment happy-dom
import { act, fireEvent, screen } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import {
  clockWords,
  extentOf,
  roundTicks,
  timeAxis,
  withGaps,
} from '../../renderer/features/charts/chart-data'
import { aBuilder } from '../fixtures/builder'
import { aSeries, watched } from '../fixtures/health'
import { aSnapshot } from '../fixtures/snapshot'
import { renderWindow } from './fixtures/render-window'

afterEach(() => vi.useRealTimers())

function openBuilder(record = aSeries) {
  const api = renderWindow(aSnapshot({ builders: [watched(aBuilder('anna')), aBuilder('otto')] }))
  api.record(record)
  act(() => api.navigate({ to: 'builder', id: 'anna' }))
  const asked = () => api.sent.filter(({ name }) => name === 'get-series').map(({ input }) => input)
  return { api, asked }
}

test('the page shows what was recorded, also in words', async () => {
  openBuilder()
  const figure = await screen.findByRole('figure', { name: /Load/ }, { timeout: 10_000 })
  expect(figure.textContent).toMatch(/between \d+\.\d and \d+\.\d in the last hour/)
  for (const name of [/Memory/, /Jobs in use/, /Free space/, /Time to answer/]) {
    await screen.findByRole('figure', { name })
  }
})

test('where nothing was recorded it says so', async () => {
  openBuilder((span) => ({ span, stepMs: 10_000, points: [] }))
  await screen.findByText(/Nothing recorded in the last hour/)
  fireEvent.click(screen.getByRole('radio', { name: 'Last day' }))
  await screen.findByText(/Nothing recorded yet/)
})

test('what cannot be read says why', async () => {
  const { api } = openBuilder()
  api.refuse('get-series', { code: 'DATA_UNWRITABLE', facts: {} })
  act(() => api.navigate({ to: 'builder', id: 'otto' }))
  await screen.findByRole('alert')
})

test('it is asked for again as it grows, and no longer once the page is left', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const { api, asked } = openBuilder()
  const hour = { id: 'anna', span: 'hour' }
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
  await screen.findByRole('region', { name: 'Load' })
  await pass(10_500)
  expect(asked()).toEqual([hour, hour])
  fireEvent.click(screen.getByRole('radio', { name: 'Last day' }))
  const day = { id: 'anna', span: 'day' }
  await pass(59_000)
  expect(asked()).toEqual([hour, hour, day])
  await pass(2000)
  expect(asked()).toEqual([hour, hour, day, day])
  act(() => api.navigate({ to: 'builders' }))
  await pass(180_000)
  expect(asked()).toHaveLength(4)
})

test('a window that nobody sees asks for nothing', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  try {
    const { asked } = openBuilder()
    await screen.findByRole('region', { name: 'Load' })
    await act(() => vi.advanceTimersByTimeAsync(60_000))
    expect(asked()).toEqual([])
    hidden.mockReturnValue('visible')
    act(() => void document.dispatchEvent(new Event('visibilitychange')))
    expect(asked()).toHaveLength(1)
  } finally {
    hidden.mockRestore()
  }
})

test('no line is drawn over a time of which nothing is known', () => {
  const points = [0, 10, 20, 90, 100].map((seconds) => ({ atMs: seconds * 1000, load1: 1 }))
  const drawn = withGaps({ span: 'hour', stepMs: 10_000, points })
  expect(drawn.map(({ atMs, load1 }) => [atMs / 1000, load1])).toEqual([
    [0, 1],
    [10, 1],
    [20, 1],
    [30, undefined],
    [90, 1],
    [100, 1],
  ])
})

test('the axis of time has round times within what is shown', () => {
  const now = new Date(2026, 10, 24, 14, 7, 30).getTime()
  expect(timeAxis('hour', now).ticks.map(clockWords)).toEqual(['13:15', '13:30', '13:45', '14:00'])
  const hours = timeAxis('day', now).ticks.map(clockWords)
  expect(hours).toEqual(['16:00', '20:00', '00:00', '04:00', '08:00', '12:00'])
})

test('the axis of values begins at 0, holds the highest, and has few, evenly spaced ticks', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.boolean(), (highest, isWhole) => {
      const ticks = roundTicks(highest, 1, isWhole)
      expect(ticks[0]).toBe(0)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest * 0.999)
      expect(ticks.length).toBeLessThanOrEqual(6)
      if (isWhole) expect(ticks.every(Number.isInteger)).toBe(true)
    }),
  )
})

test('what is never known has no extent', () => {
  expect(extentOf([{ atMs: 1 }, { atMs: 2 }], 'slots')).toBeUndefined()
  const points = [{ atMs: 1, slots: 4 }, { atMs: 2, slots: 1 }, { atMs: 3 }]
  expect(extentOf(points, 'slots')).toEqual({ lowest: 1, highest: 4 })
})
