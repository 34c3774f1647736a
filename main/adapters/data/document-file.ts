import { lstat, rename, rm } from 'node:fs/promises'
import {
  type DocumentFormat,
  type Reading,
  readDocument,
  writeDocument,
} from '../../../core/versions/document'
import { fail } from '../../failures'
import { withFileLock } from './file-lock'
import { NotPlainFileError, readPlainText } from './read-file'
import { writeFileWhole } from './write-file'

/**
 * Why a file of ours was not read: it is no JSON, it lacks what it has to say, a later Millwright wrote it, or the file
 * system did not give it out, as when it does not answer in time.
 */
export type Trouble = 'damaged' | 'unfit' | 'newer' | 'unread'
export type OnTrouble = (path: string, trouble: Trouble) => void

/** One kept document: read in any version, changed in one turn. What the file system refuses is thrown as it is. */
export interface DocumentFile<T extends object> {
  /** Undefined where there is none, or none that can be read. */
  read(): Promise<T | undefined>
  /**
   * Reads, changes and writes in one turn, which no other process has part in; returns what is kept then. Made
   * undefined it is deleted; the same value is not written. What cannot be read counts as not there and is set aside,
   * but that of a later Millwright: DATA_NEWER.
   */
  update(change: (value: T | undefined) => T | undefined | Promise<T | undefined>): Promise<T | undefined>
}

/** The document in the file of a path. A damaged one is set aside as `FILE.broken` when it is first read. */
export function createDocumentFile<T extends object>(
  path: string,
  format: DocumentFormat<T>,
  onTrouble: OnTrouble,
): DocumentFile<T> {
  const readNow = async (): Promise<Reading<T> | undefined> => {
    const found = await readFound(path)
    if (found === undefined) return undefined
    return found === 'not-plain' ? { is: 'damaged' } : readDocument(format, found.text)
  }
  const setAside = async (trouble: Trouble) => {
    await rename(path, await freeName(path))
    onTrouble(path, trouble)
  }
  return {
    read: async () => {
      const reading = await readNow()
      if (!reading || reading.is === 'read') return reading?.value
      if (reading.is === 'unfit') onTrouble(path, reading.isNewer ? 'newer' : 'unfit')
      // Somebody may have written it anew since.
      else await withFileLock(path, async () => (await readNow())?.is === 'damaged' && setAside('damaged'))
      return undefined
    },
    update: (change) =>
      withFileLock(path, async () => {
        const reading = await readNow()
        if (reading?.is === 'unfit' && reading.isNewer) fail('DATA_NEWER', { path })
        const before = reading?.is === 'read' ? reading : undefined
        const value = await change(before?.value)
        if (before && value === before.value) return value
        if (reading && !before) await setAside(reading.is === 'damaged' ? 'damaged' : 'unfit')
        if (value === undefined) await rm(path, { force: true })
        else await writeFileWhole(path, writeDocument(format, value, before))
        return value
      }),
  }
}

/** Undefined where there is none, or what stands there is no file that could be read as one. */
export async function readText(path: string): Promise<string | undefined> {
  const found = await readFound(path)
  return found === 'not-plain' ? undefined : found?.text
}

/** Nothing of ours comes near it. */
const mostBytes = 16 * 1024 * 1024

/** Undefined where there is none. A pipe is not waited for, and neither a folder nor what never ends is read. */
async function readFound(path: string): Promise<{ readonly text: string } | 'not-plain' | undefined> {
  try {
    return { text: await readPlainText(path, { maximumBytes: mostBytes }) }
  } catch (error) {
    if (error instanceof NotPlainFileError) return 'not-plain'
    if (isMissing(error)) return undefined
    throw error
  }
}

/** `FILE.broken`, or with a number where an earlier one is kept. */
export async function freeName(path: string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${path}.broken` : `${path}.broken-${count}`
    const isFree = await lstat(name).then(() => false, isMissing)
    if (isFree) return name
  }
}

/** Whether the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
