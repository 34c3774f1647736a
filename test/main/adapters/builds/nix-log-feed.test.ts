import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createNixLogFeed } from '../../../../main/adapters/builds/nix-log-feed'

const hash = 'vmfcpxn14275s6jvv7bdvi7qmrz6f4hq'
/** Of this process, which lives. */
const id = (n: number) => process.pid * 2 ** 32 + n
const start = (n: number, name: string) =>
  `${JSON.stringify({ action: 'start', fields: [`/nix/store/${hash}-${name}.drv`, '', 1, 1], id: id(n), type: 105 })}\n`
const line = (n: number, text: string) =>
  `${JSON.stringify({ action: 'result', fields: [text], id: id(n), type: 101 })}\n`

describe('following the log of Nix', () => {
  let folder: string
  let path: string
  let nowMs: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-log-'))
    path = join(folder, 'builds.json')
    nowMs = 0
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const feedOf = (find = async (): Promise<string | undefined> => path) => createNixLogFeed(find, () => nowMs)
  const names = async (feed: ReturnType<typeof feedOf>) =>
    (await feed.read())?.running.map(({ name, logTail }) => [name, ...logTail])

  it('tells what ran before it looked, and what comes to it', async () => {
    writeFileSync(path, start(1, 'a-1'))
    const feed = feedOf()
    expect(await names(feed)).toEqual([['a-1']])
    appendFileSync(path, line(1, 'made it'))
    expect(await names(feed)).toEqual([['a-1', 'made it']])
  })

  it('waits for the rest of a line, and of a letter', async () => {
    const whole = Buffer.from(start(1, 'a-1') + line(1, 'größer'))
    const cut = whole.indexOf(Buffer.from('ö')) + 1
    writeFileSync(path, whole.subarray(0, cut))
    const feed = feedOf()
    expect(await names(feed)).toEqual([['a-1']])
    appendFileSync(path, whole.subarray(cut))
    expect(await names(feed)).toEqual([['a-1', 'größer']])
  })

  it('goes on where the file is cut or replaced', async () => {
    writeFileSync(path, start(1, 'a-1') + line(1, 'first'))
    const feed = feedOf()
    await feed.read()
    truncateSync(path)
    appendFileSync(path, line(1, 'second'))
    expect(await names(feed)).toEqual([['a-1', 'first', 'second']])
    renameSync(path, `${path}.1`)
    writeFileSync(path, line(1, 'third'))
    expect(await names(feed)).toEqual([['a-1', 'first', 'second', 'third']])
  })

  it('reads the end alone of a log that is long', async () => {
    writeFileSync(path, start(1, 'a-1') + `${line(9, 'x'.repeat(1_000))}`.repeat(5_000) + start(2, 'b-1'))
    expect(await names(feedOf())).toEqual([['b-1']])
  })

  it('drops a build whose process is gone', async () => {
    const gone = JSON.stringify({
      ...{ action: 'start', type: 105, id: 2 ** 22 * 2 ** 32 + 5 },
      fields: [`/nix/store/${hash}-a-1.drv`, '', 1, 1],
    })
    writeFileSync(path, `${gone}\n`)
    expect(await names(feedOf())).toEqual([])
  })

  it.each([
    ['says of none', async () => undefined],
    ['names what is not there', async () => '/nonexistent/builds.json'],
    ['names what is no file', async () => '/run'],
    ['cannot be read', async () => Promise.reject(new Error('broken'))],
  ])('tells nothing where the configuration %s', async (_, find) => {
    expect(await feedOf(find).read()).toBeUndefined()
  })

  it('follows another file once the configuration says so, and asks rarely', async () => {
    writeFileSync(path, start(1, 'a-1'))
    let asked = 0
    const feed = feedOf(async () => {
      asked++
      return asked === 1 ? undefined : path
    })
    expect(await names(feed)).toBeUndefined()
    expect(await names(feed)).toBeUndefined()
    nowMs += 601_000
    expect(await names(feed)).toEqual([['a-1']])
    expect(asked).toBe(2)
  })
})
