import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { newKeyPath } from '../../core/ssh/alias'
import { Refusal } from '../protocol/refusal'
import { makeDirectory, pointTo, removeFile, removeTree, renameInto } from '../system/disk'
import { outputOf } from '../system/process'
import { runSsh } from '../system/run-ssh'
import { keyPath, ownDirectory, type System } from '../system/system'

const timeoutMs = 20_000

/**
 * The public half of a builder's key; the key is made when there is none, or when what is there is no key any more, as
 * after a disk lost half of it. The private half stays here.
 */
export async function ensureKey(system: System, id: string): Promise<string> {
  return await ensureKeyAt(system, id, keyPath(system, id))
}

/** The public half of the key in force, which is made by nobody here. Fails with NEEDS_ATTENTION, internal. */
export async function requireKey(system: System, id: string): Promise<string> {
  const path = keyPath(system, id)
  const known = existsSync(path) ? await publicHalf(system, path) : undefined
  if (known !== undefined) return known
  throw new Refusal('NEEDS_ATTENTION', 'internal', `There is no key of ${id} that ssh-keygen can read.`)
}

/** As `ensureKey`, of the key that is to take its place, which lies beside it. */
export async function ensureNewKey(system: System, id: string): Promise<string> {
  return await ensureKeyAt(system, id, newKeyPath(keyPath(system, id)))
}

/** The public half of the new key; undefined where there is none that can be read. */
export async function publicHalfOfNewKey(system: System, id: string): Promise<string | undefined> {
  const path = newKeyPath(keyPath(system, id))
  return existsSync(path) ? await publicHalf(system, path) : undefined
}

/** The new key takes the old one's place, in one rename: nobody finds none. */
export function useNewKey(system: System, id: string): void {
  renameInto(newKeyPath(keyPath(system, id)), keyPath(system, id))
}

export function deleteNewKey(system: System, id: string): void {
  removeFile(newKeyPath(keyPath(system, id)))
}

async function ensureKeyAt(system: System, id: string, path: string): Promise<string> {
  const known = existsSync(path) ? await publicHalf(system, path) : undefined
  if (known !== undefined) return known
  await makeKey(system, id, path)
  const made = await publicHalf(system, path)
  if (made !== undefined) return made
  throw new Refusal('NEEDS_ATTENTION', 'internal', `The key of ${id} cannot be read by ssh-keygen.`)
}

/** Undefined where ssh-keygen(1) reads no key there. Fails with NEEDS_ATTENTION where it did not get to read it. */
async function publicHalf(system: System, path: string): Promise<string | undefined> {
  const ran = await keygen(system, ['-y', '-P', '', '-f', path])
  const publicKey = ran.stdout.trim()
  if (ran.status === 0 && publicKey.startsWith('ssh-')) return publicKey
  if (ran.status === undefined) throw new Refusal('NEEDS_ATTENTION', 'internal', outputOf(ran))
  return undefined
}

export function hasKey(system: System, id: string): boolean {
  return existsSync(keyPath(system, id))
}

async function makeKey(system: System, id: string, path: string): Promise<void> {
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
  renameInto(`${draft}/key`, path)
  removeTree(draft)
}

/**
 * Lets a key file of somebody else's be the builder's, by a link: nothing of it is copied, and deleting takes the link
 * alone. Returns its public half, `TYPE BASE64`; undefined where it is no key that our logins offer.
 */
export async function linkKey(system: System, id: string, file: string): Promise<string | undefined> {
  makeDirectory(`${ownDirectory(system)}/keys`, 0o700)
  pointTo(keyPath(system, id), file)
  const [type, key] = (await publicHalf(system, keyPath(system, id)))?.split(' ') ?? []
  return type === 'ssh-ed25519' && key !== undefined ? `${type} ${key}` : undefined
}

/** Also one that was to take its place. */
export function deleteKey(system: System, id: string): void {
  deleteNewKey(system, id)
  removeFile(keyPath(system, id))
}

/** `TYPE BASE64` of a public key file's line. */
export function withoutComment(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ')
}

function keygen(system: System, args: readonly string[]) {
  return runSsh(system, ['ssh-keygen', ...args], timeoutMs)
}
