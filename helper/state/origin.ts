import { existsSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { rootVersions } from '../../contract/version'
import { type DocumentFormat, readDocument, writeDocument } from '../../core/versions/document'
import { readIfAllowed } from '../system/caller'
import { makeDirectory, writeWhole } from '../system/disk'
import { ownDirectory, type System } from '../system/system'

const Origin = v.object({ files: v.array(v.string()), directories: v.array(v.string()) })
/** What was not there before us, so that taking our lines back leaves the system as it was. */
type Origin = v.InferOutput<typeof Origin>

export const originFormat: DocumentFormat<Origin> = {
  version: rootVersions.origin,
  migrations: [],
  read: (document) => {
    const parsed = v.safeParse(Origin, document)
    return parsed.success ? parsed.output : undefined
  },
}

/** Whether our folder is one: a ruin may have anything in its place. */
export function isOwnDirectory(system: System): boolean {
  return lstatSync(ownDirectory(system), { throwIfNoEntry: false })?.isDirectory() ?? false
}

function originPath(system: System): string {
  return `${ownDirectory(system)}/origin.json`
}

/** Undefined where it is missing, empty or cut: taking back goes on all the same. */
export function readOrigin(system: System): Origin | undefined {
  const text = readIfAllowed(originPath(system))
  if (text === undefined) return undefined
  const reading = readDocument(originFormat, text)
  return reading.is === 'read' ? reading.value : undefined
}

/** Makes our own folder and notes which of these files are missing, before anything of others is touched. */
export function prepareOwnDirectory(system: System, files: readonly string[]): void {
  const folder = ownDirectory(system)
  const missing = (path: string) => !existsSync(path)
  const origin = {
    files: files.filter(missing),
    directories: files.map((path) => dirname(path)).filter(missing),
  }
  makeDirectory(system.nixConfigDirectory, 0o755)
  makeDirectory(folder, 0o755)
  writeWhole(originPath(system), writeDocument(originFormat, origin), { mode: 0o644 })
}
