import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeMajor, nodePins } from '../../scripts/setup/node-pins.mjs'
import { supportProblem } from '../../scripts/support-ends'

const manifest = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')
const { devDependencies } = JSON.parse(manifest) as { devDependencies: { electron: string } }

describe('what Millwright runs on', () => {
  it.each(Object.entries(nodePins))(
    'has a Node with support for a while yet: %s',
    (_platform, { version }) => {
      expect(supportProblem('node', version, new Date())).toBeUndefined()
      expect(version.split('.')[0]).toBe(String(nodeMajor))
    },
  )

  it('has an Electron with support for a while yet', () => {
    expect(supportProblem('electron', devDependencies.electron, new Date())).toBeUndefined()
  })
})

describe('the end of support', () => {
  it('is told two months ahead for Node, with what to raise', () => {
    expect(supportProblem('node', '26.12.1', new Date('2029-02-28'))).toBeUndefined()
    expect(supportProblem('node', '26.12.1', new Date('2029-03-15'))).toMatch(
      /^Node 26 is supported until 2029-04-30, 46 days more\. In scripts\/setup\/node-pins\.mjs, set nodeMajor/,
    )
  })

  it('is told a month ahead for Electron, with what to raise', () => {
    expect(supportProblem('electron', '45.4.1', new Date('2027-03-08'))).toBeUndefined()
    expect(supportProblem('electron', '45.4.1', new Date('2027-03-09'))).toMatch(
      /^Electron 45 is supported until 2027-04-07, 29 days more\. Raise it: npm install/,
    )
  })

  it('is told when it is past', () => {
    expect(supportProblem('electron', '44.0.0', new Date('2027-03-01'))).toMatch(
      /no support since 2027-02-09/,
    )
  })

  it('has to be written down for every line in use', () => {
    expect(supportProblem('electron', '46.0.0', new Date())).toMatch(/add it to scripts\/support-ends\.ts/)
  })
})
