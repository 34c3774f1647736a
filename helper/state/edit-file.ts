import { existsSync, realpathSync, statSync } from 'node:fs'
import { Refusal } from '../protocol/refusal'
import { removeFile, writeWhole } from '../system/disk'
import { readPlainFile } from '../system/read-file'

/** How often somebody may save a file while we change it. */
const mostTries = 3

/** Thrown when somebody saved the file between our reading it and our writing it. */
class EditedMeanwhile extends Error {}

interface Edit {
  /** Of a file that is not there yet. */
  readonly mode: number
  /** The new text of what is there, one character per byte; undefined: there shall be no file. */
  readonly change: (text: string) => string | undefined
  /** Told of the very bytes that the new text is made of, before they are replaced. */
  readonly onRead?: (bytes: Buffer) => void
}

/**
 * Changes a file of somebody else's. An edit that is saved meanwhile wins: then the change is made to that. Keeps owner,
 * group, mode, access control list and extended attributes; follows a link that root made, so that it stays one. Fails
 * with CONFLICT where it is saved again and again.
 */
export function editFile(path: string, edit: Edit): void {
  for (let left = mostTries - 1; ; left--) {
    try {
      editOnce(path, edit)
      return
    } catch (error) {
      if (!(error instanceof EditedMeanwhile)) throw error
      if (left === 0) throw new Refusal('CONFLICT', undefined, `${path} is being changed by somebody else.`)
    }
  }
}

function editOnce(path: string, { mode, change, onRead }: Edit): void {
  const seen = readSeen(path)
  const text = seen?.bytes.toString('latin1') ?? ''
  if (seen) onRead?.(seen.bytes)
  const wanted = change(text)
  const requireUnchanged = () => {
    if (!isAsSeen(seen, readSeen(path))) throw new EditedMeanwhile()
  }
  if (wanted === undefined) {
    requireUnchanged()
    removeFile(path)
  } else if (!seen) writeWhole(path, Buffer.from(wanted, 'latin1'), { mode, before: requireUnchanged })
  else if (wanted !== text) {
    writeWhole(seen.real, Buffer.from(wanted, 'latin1'), {
      mode: seen.mode & 0o7777,
      uid: seen.uid,
      gid: seen.gid,
      like: seen.real,
      before: requireUnchanged,
    })
  }
}

interface Seen {
  readonly real: string
  readonly bytes: Buffer
  readonly ino: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

function readSeen(path: string): Seen | undefined {
  if (!existsSync(path)) return undefined
  const { ino, mode, uid, gid } = statSync(path)
  return { real: realpathSync(path), bytes: readPlainFile(path), ino, mode, uid, gid }
}

function isAsSeen(before: Seen | undefined, now: Seen | undefined): boolean {
  if (!before || !now) return before === now
  return before.ino === now.ino && before.bytes.equals(now.bytes)
}
