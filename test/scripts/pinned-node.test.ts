import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkRuntime, oldestRuntime } from '../../helper/install/install'
import { nodeMajor, nodePins } from '../../scripts/setup/node-pins.mjs'
import { pinnedNode } from '../../scripts/setup/pinned-node.mjs'
import { fetchPackage } from '../../scripts/setup/registry.mjs'

const root = resolve(import.meta.dirname, '../..')
const withNode = join(root, 'scripts/with-node.mjs')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-node-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('the pinned Node', () => {
  it('is what these tests run on', () => {
    expect(realpathSync(process.execPath)).toBe(realpathSync(pinnedNode()))
  })

  it('is where every npm script runs its tools', () => {
    const starts = Object.values(scripts).flatMap((script) => script.split(' && '))
    const others = starts.filter(
      (start) => !/^(\w+=\w+ )?node scripts\/with-node\.mjs |^npm run /.test(start),
    )
    expect(others).toEqual([])
  })

  it('is the oldest that the helper takes as its own', () => {
    expect(oldestRuntime).toBe(nodeMajor)
    expect(checkRuntime(process.execPath)).toBe(process.execPath)
    expect(() => checkRuntime('/bin/false')).toThrow(
      `/bin/false is not a Node of version ${nodeMajor} or later.`,
    )
  })
})

describe('where the pinned Node cannot be had', () => {
  const [platform = '', pin] = Object.entries(nodePins)[0] ?? []
  const anOwn = (version: string) => ({ platform, own: { path: '/own/node', version }, caches: [folder] })
  beforeEach(() => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9')
    vi.stubEnv('npm_config_fetch_retries', '0')
    vi.stubEnv('npm_config_cache', join(folder, 'npm'))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })

  it('an old one is told why, and what to do', () => {
    expect(() =>
      pinnedNode(anOwn('20.19.0')),
    ).toThrow(`The Node that Millwright is pinned to could not be had.
  Why: npm pack ${pin?.name}@${pin?.version} failed: ECONNREFUSED.
  Likely cause: npm cannot reach its registry from here, or this kind of machine has no such package.
  What to do: see that \`npm ping\` works and start it again, or start it with Node ${nodeMajor} or later (this is 20.19.0).`)
    expect(readdirSync(folder).filter((name) => name !== 'npm')).toEqual([])
  })

  it('one that is new enough goes on by itself', () => {
    expect(pinnedNode(anOwn(`${nodeMajor + 2}.1.0`))).toBe('/own/node')
  })

  it('a kind of machine that has none is named', () => {
    expect(() => pinnedNode({ ...anOwn('24.0.0'), platform: 'linux-riscv64' })).toThrow(
      'Why: there is no pinned Node for linux-riscv64.',
    )
  })
})

describe('a package that is fetched', () => {
  const pack = (sha512: string) => {
    writeFileSync(join(folder, 'package.json'), '{ "name": "thing", "version": "1.0.0" }')
    fetchPackage({ name: 'thing', version: `file:${folder}`, sha512 }, folder, ['package/package.json'])
  }

  it('is refused when it is not the file that was pinned', () => {
    expect(() => pack('another')).toThrow(/is not the file it was: its sha512 is /)
    expect(readdirSync(folder)).not.toContain('package')
  })
})

describe('with-node', () => {
  const run = (...words: string[]) => spawnSync(process.execPath, [withNode, ...words], { encoding: 'utf8' })

  it('gives a command, and what that starts, the pinned Node', () => {
    const inner = `require('node:child_process').execFileSync('node', ['-p', 'process.execPath'])`
    expect(run('node', '-p', `String(${inner})`).stdout.trim()).toBe(pinnedNode())
  })

  it('ends as the command does', () => {
    expect(run('node', '-e', 'process.exit(7)').status).toBe(7)
    expect(run('node', '-e', 'process.kill(process.pid, "SIGKILL")').status).toBe(137)
  })

  it('says how to get a command that is not there yet', () => {
    expect(run('no-such-command')).toMatchObject({
      status: 127,
      stderr: 'There is no no-such-command yet. Get it with: npm run setup\n',
    })
  })

  it('hands on the signal that asks it to end', async () => {
    const play = `process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, [withNode, 'node', '-e', play], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(3)
  })
})
