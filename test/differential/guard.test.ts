import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anna, otto } from './builders'
import { temporaryFolder } from './programs'
import { configFor, generations, readBy } from './ssh-generations'

describe.each(generations)('the guard before a login, with OpenSSH, $name', ({ argv }) => {
  /** What ssh makes of an alias, beside a guard that says so, and what it asked the guard. */
  const read = (alias: string, verdict: 'dead' | 'answers' | 'no guard') => {
    const folder = temporaryFolder()
    const [guard, config, asked] = ['guard program', 'config', 'asked'].map((name) => join(folder, name))
    if (guard === undefined || config === undefined || asked === undefined) throw new Error('no paths')
    const text = `#!/bin/sh\necho "$*" >>'${asked}'\nexit ${verdict === 'dead' ? 0 : 1}\n`
    if (verdict !== 'no guard') writeFileSync(guard, text, { mode: 0o755 })
    writeFileSync(asked, '')
    const key = (id: string) => `/keys/${id}`
    const paths = { key, knownHosts: '/known', master: (id: string) => `/m/${id}`, guard }
    writeFileSync(config, configFor(argv, [anna, otto], paths))
    const { status, stdout } = readBy(argv, config, alias)
    const way = stdout.split(/\r?\n/).filter((line) => /^proxy(command|jump) (?!none)/.test(line))
    return { status, way, asked: readFileSync(asked, 'utf8'), guard }
  }

  it('changes nothing for a builder that answers, and asks about no other', () => {
    const { guard: _, ...direct } = read('millwright-anna', 'answers')
    expect(direct).toEqual({ status: 0, way: [], asked: 'ask anna 10.0.0.7 22\n' })
  })

  it('asks the machine before it where there is one', () => {
    const { guard: _, ...behind } = read('millwright-otto', 'answers')
    const way = ['proxyjump millwright-otto.jump']
    expect(behind).toEqual({
      status: 0,
      way,
      asked: 'ask otto 10.0.0.8 2222 millwright-otto.jump 10.0.0.7 22\n',
    })
    expect(read('millwright-otto.jump', 'dead')).toMatchObject({ way: [], asked: '' })
  })

  it('says why instead of logging in where nobody answers', () => {
    const direct = read('millwright-anna', 'dead')
    expect(direct.way).toEqual([`proxycommand '${direct.guard}' say anna`])
    const behind = read('millwright-otto', 'dead')
    expect(behind.way).toEqual([`proxycommand '${behind.guard}' say otto 10.0.0.8`])
  })

  it('lets every login through once the guard is gone', () => {
    expect(read('millwright-anna', 'no guard')).toMatchObject({ status: 0, way: [] })
    expect(read('millwright-otto', 'no guard')).toMatchObject({ way: ['proxyjump millwright-otto.jump'] })
  })
})
