import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { recordVersions } from '../../../contract/version'
import {
  type DocumentFormat,
  type Reading,
  readDocument,
  writeDocument,
} from '../../../core/versions/document'

const WindowFile = v.object({
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

/** Keeps where the window was in a file of mode 0600 in the app's folder. At once: the window is closing. */
export function createWindowBounds(folder: string) {
  const path = join(folder, 'window.json')
  const read = (): Reading<WindowFile> | undefined => {
    try {
      return readDocument(windowFormat, readFileSync(path, 'utf8'))
    } catch {
      return undefined // none yet, or none to be read: the usual place will do
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
      const text = writeDocument(windowFormat, { place }, reading?.is === 'read' ? reading : undefined)
      try {
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
      } catch {
        // A window that opens elsewhere next time is no reason to keep this one open.
      }
    },
  }
}
