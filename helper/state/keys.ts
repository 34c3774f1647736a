import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'
import { makeDirectory, removeFile, removeTree, renameInto } from '../system/disk'
import { outputOf } from '../system/process'
import { runSsh } from '../system/run-ssh'
import { keyPath, ownDirectory, type System } from '../system/system'

const timeoutMs = 20_000

/**
 * The public half of a builder's key; the key is made when there is none, or when what is there is no key any more, as
 * after a disk lost half of it. The private half stays here.
 */
export async function ensureKey(system: System, id: string): Promise<string> {
  const known = hasKey(system, id) ? await publicHalf(system, id) : undefined
  if (known !== undefined) return known
  await makeKey(system, id)
  const made = await publicHalf(system, id)
  if (made !== undefined) return made
  throw new Refusal('NEEDS_ATTENTION', 'internal', `The key of ${id} cannot be read by ssh-keygen.`)
}

/** Undefined where ssh-keygen(1) reads no key there. Fails with NEEDS_ATTENTION where it did not get to read it. */
async function publicHalf(system: System, id: string): Promise<string | undefined> {
  const ran = await keygen(system, ['-y', '-P', '', '-f', keyPath(system, id)])
  const publicKey = ran.stdout.trim()
  if (ran.status === 0 && publicKey.startsWith('ssh-')) return publicKey
  if (ran.status === undefined) throw new Refusal('NEEDS_ATTENTION', 'internal', outputOf(ran))
  return undefined
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
