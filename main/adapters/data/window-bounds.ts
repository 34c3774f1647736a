import { statSync } from 'node:fs'
import * as v from 'valibot'
import { recordVersions } from '../../../contract/version'
import {
  type Document,
  type DocumentFormat,
  type Reading,
  readDocument,
  writeDocument,
} from '../../../core/versions/document'

/** What is kept of the window. */
export const WindowFile = v.object({
  place: v.object({
    x: v.exactOptional(v.pipe(v.number(), v.integer())),
    y: v.exactOptional(v.pipe(v.number(), v.integer())),
    width: v.pipe(v.number(), v.integer(), v.minValue(320)),
    height: v.pipe(v.number(), v.integer(), v.minValue(240)),
  }),
})
type WindowFile = v.InferOutput<typeof WindowFile>

/** Where the window was when it was closed. */
export const windowFormat: DocumentFormat<WindowFile> = {
  version: recordVersions.window,
  migrations: [],
  read: (document) => {
    const parsed = v.safeParse(WindowFile, document)
    return parsed.success ? parsed.output : undefined
  },
}

/** A document that is read and written whole, as electron-store does. */
export interface WindowStore {
  store: Document
}

const mostBytes = 2 ** 20

/**
 * What is no plain file, on which a library would wait for ever, is left alone, and so the place of the window is
 * forgotten at the end.
 */
export function openIfPlain(path: string, open: () => WindowStore): WindowStore {
  const about = statSync(path, { throwIfNoEntry: false })
  return !about || (about.isFile() && about.size <= mostBytes) ? open() : { store: {} }
}

/** Keeps where the window was. At once: the window is closing. */
export function createWindowBounds(file: WindowStore) {
  const read = (): Reading<WindowFile> | undefined => {
    try {
      return readDocument(windowFormat, JSON.stringify(file.store))
    } catch {
      return undefined // none that could be read: the usual place will do
    }
  }
  return {
    load: (): WindowFile['place'] => {
      const reading = read()
      return reading?.is === 'read' ? reading.value.place : { width: 960, height: 640 }
    },
    save: (place: WindowFile['place']) => {
      const reading = read()
      if (reading?.is === 'unfit' && reading.isNewer) return
      try {
        file.store = JSON.parse(
          writeDocument(windowFormat, { place }, reading?.is === 'read' ? reading : undefined),
        )
      } catch {
        // A window that opens elsewhere next time is no reason to keep this one open.
      }
    },
  }
}
