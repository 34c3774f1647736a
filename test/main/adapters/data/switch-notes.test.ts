import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecords } from '../../../../main/adapters/data/records'
import type { SwitchNote } from '../../../../main/ports/records'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'switch-notes-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const suspended: SwitchNote = {
  id: 'anna',
  kind: 'suspended',
  since: '2026-03-01T12:00:00.000Z',
  failure: { code: 'UNREACHABLE', facts: { builder: 'anna' } },
}
const paused: SwitchNote = {
  id: 'anna',
  kind: 'paused',
  pause: { until: '2026-03-01T12:15:00.000Z', forMs: 900_000 },
}

describe('a note about a switch', () => {
  it('outlives the app', async () => {
    await createRecords({ dir }).putSwitchNote(paused)
    expect(await createRecords({ dir }).switchNotes()).toEqual([paused])
    await createRecords({ dir }).deleteSwitchNote('anna')
    expect(await createRecords({ dir }).switchNotes()).toEqual([])
  })

  it('of ours is added only where the person has not decided, and leaves nothing beside', async () => {
    const records = createRecords({ dir })
    await records.putSwitchNote(paused)
    expect(await records.addSwitchNote(suspended)).toBe(false)
    expect(await records.switchNotes()).toEqual([paused])
    expect(await records.addSwitchNote({ ...suspended, id: 'otto' })).toBe(true)
    expect(readdirSync(join(dir, 'switches')).sort()).toEqual(['anna.json', 'otto.json'])
  })

  it('is added once by many at once', async () => {
    const added = await Promise.all([1, 2, 3, 4].map(() => createRecords({ dir }).addSwitchNote(suspended)))
    expect(added.filter(Boolean)).toHaveLength(1)
  })
})
