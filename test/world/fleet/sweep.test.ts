import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimRoom, fleetCgroup, writeNote } from './registry'

const isRoot = process.getuid?.() === 0
const dead = { pid: 1, startedAtTicks: 'never' }

/** Sweeps once it is told to, so that several can begin at the same moment. */
const sweeper = `import { sweep } from ${JSON.stringify(join(import.meta.dirname, 'registry.ts'))}
console.log('ready')
process.stdin.once('data', () => { sweep(); process.exit(0) })`

function startSweeper() {
  const argv = ['--import', 'tsx', '--input-type=module', '-e', sweeper]
  return spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'pipe'] })
}

describe.skipIf(!isRoot)(
  'what a crashed fleet leaves (needs root: sudo npx vitest run --project world)',
  () => {
    it('is swept by several at once, and none trips another', async () => {
      const { number, room } = claimRoom()
      const cgroup = fleetCgroup(number)
      for (let host = 0; host < 100; host++)
        mkdirSync(join(cgroup, `host-${host}`, 'a', 'b'), { recursive: true })
      mkdirSync(join(room, 'host'))
      const sweepers = Array.from({ length: 4 }, startSweeper)
      await Promise.all(sweepers.map(({ stdout }) => once(stdout, 'data')))
      const said: string[] = []
      for (const { stderr } of sweepers) stderr.on('data', (text: Buffer) => said.push(text.toString()))
      const ends = sweepers.map((child) => once(child, 'exit'))
      writeNote(room, { number, owner: dead, forPlay: false, hosts: {} })
      for (const { stdin } of sweepers) stdin.write('go\n')
      expect({ codes: (await Promise.all(ends)).map(([code]) => code), said: said.join('') }).toEqual({
        codes: [0, 0, 0, 0],
        said: '',
      })
      // The number may be another fleet's by now.
      expect([join(room, 'host'), join(cgroup, 'host-0')].map((path) => existsSync(path))).toEqual([
        false,
        false,
      ])
    })
  },
)
