import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Conf from 'conf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWindowBounds } from '../../../../main/adapters/data/window-bounds'
import { readFormat } from '../../../fixtures/read-formats'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'window-'))
  path = join(dir, 'window.json')
})
afterEach(() => rmSync(dir, { recursive: true }))

const usual = { width: 960, height: 640 }
const place = { x: 1, y: 2, width: 800, height: 600 }

/** electron-store is this with Electron's folder for `cwd`. */
const boundsIn = (cwd: string) =>
  createWindowBounds(
    new Conf({
      cwd,
      configName: 'window',
      configFileMode: 0o600,
      clearInvalidConfig: true,
      projectName: 'test',
    }),
  )

describe('where the window was', () => {
  it('is kept for its owner alone, and what else stands there too', () => {
    const bounds = boundsIn(dir)
    expect(bounds.load()).toEqual(usual)
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFormat('window', 'abadaa5.json')), mood: 'good' }))
    expect(bounds.load()).toEqual({ x: 10, y: 20, width: 1000, height: 700 })
    bounds.save(place)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, place, mood: 'good' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['window.json'])
  })

  it.each(['', '{"place"', '[]', '{"place":{"width":1,"height":1}}'])('is the usual place for %j', (text) => {
    writeFileSync(path, text)
    const bounds = boundsIn(dir)
    expect(bounds.load()).toEqual(usual)
    bounds.save(place)
    expect(bounds.load()).toEqual(place)
  })

  it('is left as a later version wrote it', () => {
    const later = '{"version":9,"places":[]}'
    writeFileSync(path, later)
    boundsIn(dir).save(place)
    expect(readFileSync(path, 'utf8')).toBe(later)
  })

  it('keeps no window open that cannot be noted', () => {
    const bounds = boundsIn(dir)
    rmSync(dir, { recursive: true })
    writeFileSync(dir, 'no folder any more')
    expect(() => bounds.save(place)).not.toThrow()
  })
})
