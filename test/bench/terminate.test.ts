import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { terminate } from '../world/fleet/process'

it('a process that has ended by itself since is no failure to end', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  expect(() => terminate(child.pid ?? 0)).not.toThrow()
})

it('a process that runs is told to end', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  terminate(child.pid ?? 0)
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
})
