import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { nodeOnHost, projectOnHost } from '../world/fleet/on-host'
import { terminate, until } from '../world/fleet/process'
import type { Stage } from './stage'

/** Somebody who knows an administrator's password and types it whenever the desktop asks. */
export interface Administrator {
  /** The actions that were asked for, in order. */
  asked(): readonly string[]
  leave(): void
}

/** Puts an authentication agent into the session of `dev` that answers for `boss`. */
export async function seatAdministrator({ desktop, credentials }: Stage): Promise<Administrator> {
  const [command = '', ...args] = desktop.enter([nodeOnHost, `${projectOnHost}/test/e2e/polkit-agent.mjs`])
  const agent = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const said: { ready?: boolean; asked?: string }[] = []
  createInterface({ input: agent.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  agent.stdin.write(`${credentials.passwords.boss}\n`)
  await until('the authentication agent', async () => said.some(({ ready }) => ready))
  return {
    asked: () => said.flatMap(({ asked }) => (asked ? [asked] : [])),
    leave: () => {
      if (agent.pid) terminate(-agent.pid)
    },
  }
}
