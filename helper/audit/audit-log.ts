import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs'
import type { HelperRequest, HelperResult } from '../../contract/helper'
import { Refusal } from '../protocol/refusal'
import { callerUid } from '../system/caller'
import { makeDirectory, naming } from '../system/disk'
import { platform } from '../system/find-installation'
import { canonicalPath, type System } from '../system/system'

const maxBytes = 1024 * 1024
/** Of a request for thousands of builders so many are named, and how many there were. */
const mostIds = 16
const loggerMs = 2000

/**
 * A log of each program’s own, so that nothing that needs no password can wash out what an administrator did. Two files
 * of 1 MiB at most, each.
 */
export type AuditLog = 'helper.log' | 'configure.log'

/** What an entry says of a call: no secret, and no text of others. */
export interface AuditEntry {
  readonly transaction: string
  readonly op?: string | undefined
  readonly id?: string | undefined
  readonly ids?: readonly string[] | undefined
  readonly idCount?: number | undefined
  /** Only in what is written before a change: that there is going to be one. */
  readonly begun?: true
  readonly generation?: number | undefined
  readonly code?: string
  readonly reason?: string | undefined
  /** Only in what sums up the calls that were refused. */
  readonly refused?: number | undefined
}

export function entryOf(transaction: string, request: HelperRequest | undefined): AuditEntry {
  const id = request && ('id' in request ? request.id : 'builder' in request ? request.builder.id : undefined)
  const all = request && 'ids' in request ? request.ids : undefined
  const ids = all?.slice(0, mostIds)
  return { transaction, op: request?.op, id, ids, ...(all ? { idCount: all.length } : {}) }
}

export function outcomeOf({ code, reason, generation }: HelperResult): Partial<AuditEntry> {
  return { generation, code, reason }
}

/**
 * Adds an entry. Throws what the system says, and fails with NEEDS_ATTENTION, unsafe-path, where the log is not root’s:
 * on some systems a group may put things into /var/log.
 */
export function note(system: System, log: AuditLog, entry: AuditEntry): void {
  const line = `${JSON.stringify({ at: new Date().toISOString(), uid: callerUid(), ...entry })}\n`
  const path = `${system.logDirectory}/${log}`
  naming(path, () => withFolder(system, (folder) => append(system, `${folder}/${log}`, path, line)))
}

/** Begins a new file where the log is full, and keeps the one before; under the lock, as two at once would lose it. */
export function rotate(system: System, log: AuditLog): void {
  withFolder(system, (folder) => {
    const path = `${folder}/${log}`
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found && found.size > maxBytes) renameSync(path, `${path}.1`)
  })
}

/** The folder by its descriptor where the system has such names (proc(5)): then nobody can put another in its place. */
function withFolder(system: System, work: (folder: string) => void): void {
  const path = system.logDirectory
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) makeDirectory(path, 0o755)
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    const { uid, mode } = fstatSync(fd)
    if (uid !== system.owner || (mode & 0o022) !== 0) refuse(path)
    work(system.platform === 'linux' ? `/proc/self/fd/${fd}` : path)
  } finally {
    closeSync(fd)
  }
}

function append(system: System, file: string, path: string, line: string): void {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const fd = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o640)
  try {
    const found = fstatSync(fd)
    if (!found.isFile() || found.uid !== system.owner || found.nlink > 1 || (found.mode & 0o022) !== 0) {
      refuse(path)
    }
    if ((found.mode & 0o777) !== 0o640) fchmodSync(fd, 0o640)
    const last = Buffer.alloc(1)
    const isCut = found.size > 0 && readSync(fd, last, 0, 1, found.size - 1) === 1 && last.toString() !== '\n'
    const bytes = Buffer.from(isCut ? `\n${line}` : line)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  } finally {
    closeSync(fd)
  }
}

function refuse(path: string): never {
  const detail = `${path} is not root’s alone, so nothing is written there.`
  throw new Refusal('NEEDS_ATTENTION', 'unsafe-path', detail)
}

/** Tells the system’s own log too (syslog(3)). Returns whether it was heard: false also where there is none. */
export function tellSystemLog(entry: AuditEntry): boolean {
  const { op = 'a call', id, ids, idCount, begun, code, reason, generation, transaction } = entry
  const text = [
    `uid ${callerUid()}: ${op}`,
    id ?? (ids ? `of ${idCount} builders: ${ids.join(' ')}` : undefined),
    begun ? 'begins' : [code, reason, generation && `generation ${generation}`].filter(Boolean).join(', '),
    `transaction ${transaction}`,
  ]
  const errors = platform === 'linux' ? ['--socket-errors=on'] : []
  const { status } = spawnSync(
    'logger',
    ['-t', 'millwright', '-p', 'auth.notice', ...errors, '--', text.filter(Boolean).join('; ')],
    { cwd: '/', env: { PATH: canonicalPath }, timeout: loggerMs, stdio: 'ignore' },
  )
  return status === 0
}
