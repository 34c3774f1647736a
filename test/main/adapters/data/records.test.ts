import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecords } from '../../../../main/adapters/data/records'
import { toFailure } from '../../../../main/failures'
import type { Receipt } from '../../../../main/ports/records'

let dir: string
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'records-')), 'data')
})
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }))

const receipt = (jobId: string): Receipt => ({
  jobId,
  kind: 'add',
  builderId: 'anna',
  address: 'admin@anna.lan',
  startedAt: '2026-01-01T00:00:00.000Z',
  leftBehind: ['A user on anna.'],
})
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('the records', () => {
  it('come back as they were put, each in a file of its own that only the owner reads', async () => {
    const records = createRecords({ dir })
    await records.putReceipt(receipt('one'))
    await records.putReceipt(receipt('two'))
    await records.putReceipt({ ...receipt('two'), leftBehind: [] })
    expect(await createRecords({ dir }).receipts()).toEqual([
      receipt('one'),
      { ...receipt('two'), leftBehind: [] },
    ])
    expect(readdirSync(join(dir, 'receipts'))).toEqual(['one.json', 'two.json'])
    expect(modeOf(join(dir, 'receipts'))).toBe('700')
    expect(modeOf(join(dir, 'receipts', 'one.json'))).toBe('600')
    await records.deleteReceipt('one')
    await records.deleteReceipt('one')
    expect(await records.receipts()).toHaveLength(1)
  })

  it('set a broken file aside, lose nothing of it, and say so', async () => {
    const troubles: [string, string][] = []
    const records = createRecords({ dir, onTrouble: (path, trouble) => troubles.push([path, trouble]) })
    await records.putReceipt(receipt('good'))
    const path = join(dir, 'receipts', 'bad.json')
    writeFileSync(path, '{"jobId": "bad"')
    expect(await records.receipts()).toEqual([receipt('good')])
    expect(troubles).toEqual([[path, 'damaged']])
    expect(readFileSync(`${path}.broken`, 'utf8')).toBe('{"jobId": "bad"')
    expect(existsSync(path)).toBe(false)
    expect(await records.receipts()).toEqual([receipt('good')])
  })

  it.each(['../escape', 'a/b', '', '..', 'A', 'a\0b', 'a'.repeat(60)])('take no name like %j', async (id) => {
    const records = createRecords({ dir })
    expect(await records.putReceipt(receipt(id)).catch(toFailure)).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await records.deleteBuilder(id).catch(toFailure)).toMatchObject({ code: 'INVALID_INPUT' })
    expect(existsSync(dir)).toBe(false)
  })

  it('keep which builders are wanted as substituters, and no file when none is', async () => {
    const records = createRecords({ dir, onTrouble: () => undefined })
    const path = join(dir, 'substituters.json')
    expect(await records.substituters()).toEqual([])
    await Promise.all([
      records.updateSubstituters((ids) => [...ids, 'anna']),
      createRecords({ dir }).updateSubstituters((ids) => [...ids, 'otto']),
    ])
    expect([...(await createRecords({ dir }).substituters())].sort()).toEqual(['anna', 'otto'])
    expect(modeOf(path)).toBe('600')
    await records.updateSubstituters(() => [])
    expect(existsSync(path)).toBe(false)
    writeFileSync(path, '["anna", "../x"]')
    expect(await records.substituters()).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe('["anna", "../x"]')
    await records.updateSubstituters((ids) => [...ids, 'otto'])
    expect(await records.substituters()).toEqual(['otto'])
    expect(readFileSync(`${path}.broken`, 'utf8')).toBe('["anna", "../x"]')
  })

  it('give this installation one id, whoever asks first', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => createRecords({ dir }).installId()))
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/)
    expect(new Set(ids).size).toBe(1)
  })

  it('say when they cannot be written', async () => {
    writeFileSync(dir, 'a file where the folder would be')
    const failure = await createRecords({ dir }).putReceipt(receipt('one')).catch(toFailure)
    expect(failure).toMatchObject({ code: 'DATA_UNWRITABLE' })
  })
})
