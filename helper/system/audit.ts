import { existsSync, statSync } from 'node:fs'
import type { HelperRequest, HelperResult } from '../../contract/helper'
import { appendLine, makeDirectory, renameInto } from './disk'
import type { System } from './system'

const maxBytes = 1024 * 1024

/** Adds who did what, and how it ended; no secret and no text of others. Two files of 1 MiB at most. */
export function audit(
  { logDirectory }: System,
  transaction: string,
  request: HelperRequest | undefined,
  { code, reason, generation }: HelperResult,
): void {
  const path = `${logDirectory}/helper.log`
  makeDirectory(logDirectory, 0o755)
  if (existsSync(path) && statSync(path).size > maxBytes) renameInto(path, `${path}.1`)
  const id = request && ('id' in request ? request.id : 'builder' in request ? request.builder.id : undefined)
  const entry = {
    at: new Date().toISOString(),
    transaction,
    uid: callerUid(),
    op: request?.op,
    id,
    ids: request && 'ids' in request ? request.ids : undefined,
    generation,
    code,
    reason,
  }
  appendLine(path, JSON.stringify(entry), 0o640)
}

/** The one thing read from the environment, and for this log alone: pkexec(1) and sudo(8) say who asked. */
function callerUid(): number | undefined {
  const uid = process.env.PKEXEC_UID ?? process.env.SUDO_UID ?? ''
  return /^\d{1,10}$/.test(uid) ? Number(uid) : process.getuid?.()
}
