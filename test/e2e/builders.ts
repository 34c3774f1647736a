import { expect } from 'vitest'
import { nodeOnHost, projectOnHost } from '../world/fleet/on-host'
import type { Stage } from './stage'

const cli = [nodeOnHost, `${projectOnHost}/out/main/cli.js`]

/** Adds machines as builders in a terminal of the desktop, by the password of a login; installs the helper first. */
export async function addBuilders(stage: Stage, names: readonly string[]): Promise<void> {
  await stage.client.must([...cli, 'helper', 'install'], { cwd: '/root' })
  for (const name of names) await inTerminal(stage, ['add', `easy@${name}`, '--trust-new-host-key'])
}

/** Takes them out again, on both sides. */
export async function removeBuilders(stage: Stage, names: readonly string[]): Promise<void> {
  for (const name of names) await inTerminal(stage, ['remove', name])
}

async function inTerminal({ desktop, credentials }: Stage, words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await desktop.exec([...cli, ...words, '--password-stdin', '--yes'], {
    input: `${credentials.passwords.easy}\n`,
    timeoutMs: 60_000,
  })
  expect({ words, code, said: code === 0 ? '' : stdout + stderr }).toEqual({ words, code: 0, said: '' })
}
