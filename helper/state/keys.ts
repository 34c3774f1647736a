import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'
import { makeDirectory, removeFile, removeTree, renameInto } from '../system/disk'
import { outputOf } from '../system/process'
import { runSsh } from '../system/run-ssh'
import { keyPath, ownDirectory, type System } from '../system/system'

const timeoutMs = 20_000

/** The public half of a builder's key; the key is made when there is none. The private half stays here. */
export async function ensureKey(system: System, id: string): Promise<string> {
  if (!hasKey(system, id)) await makeKey(system, id)
  const { status, stdout } = await keygen(system, ['-y', '-f', keyPath(system, id)])
  const publicKey = stdout.trim()
  if (status !== 0 || !publicKey.startsWith('ssh-')) {
    throw new Refusal('NEEDS_ATTENTION', 'internal', `The key of ${id} cannot be read by ssh-keygen.`)
  }
  return publicKey
}

export function hasKey(system: System, id: string): boolean {
  return existsSync(keyPath(system, id))
}

async function makeKey(system: System, id: string): Promise<void> {
  const folder = `${ownDirectory(system)}/keys`
  const draft = `${folder}/.new`
  makeDirectory(folder, 0o700)
  removeTree(draft)
  makeDirectory(draft, 0o700)
  const made = await keygen(system, [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `millwright-${id}`,
    '-f',
    `${draft}/key`,
  ])
  if (made.status !== 0) throw new Refusal('NEEDS_ATTENTION', 'internal', outputOf(made))
  const fd = openSync(`${draft}/key`, 'r')
  fsyncSync(fd)
  closeSync(fd)
  renameInto(`${draft}/key`, keyPath(system, id))
  removeTree(draft)
}

export function deleteKey(system: System, id: string): void {
  removeFile(keyPath(system, id))
}

function keygen(system: System, args: readonly string[]) {
  return runSsh(system, ['ssh-keygen', ...args], timeoutMs)
}
