import { existsSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { rootVersions } from '../../contract/version'
import { includesUserConf, parseUserConfOrigin, userConfName } from '../../core/nix/user-conf'
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

function originPath(folder: string): string {
  return `${folder}/origin.json`
}

export function readOrigin(system: System): Origin | undefined {
  return readOriginIn(ownDirectory(system))
}

/** Of a folder of ours. Undefined where it is missing, empty or cut: taking back goes on all the same. */
export function readOriginIn(folder: string): Origin | undefined {
  const text = readIfAllowed(originPath(folder))
  if (text === undefined) return undefined
  const reading = readDocument(originFormat, text)
  return reading.is === 'read' ? reading.value : undefined
}

/**
 * What was made for the switches of a person who owns the store, which lie in the same files: it goes with whichever of
 * the two is taken back last.
 */
function ownSwitches({ whose, nixConfigDirectory }: System): Origin {
  const nixConf = `${nixConfigDirectory}/nix.conf`
  const text = (whose === 'person' && readIfAllowed(`${nixConfigDirectory}/${userConfName}`)) || ''
  const made = parseUserConfOrigin(text)
  return {
    files: made.nixConf && includesUserConf(readIfAllowed(nixConf) ?? '') ? [nixConf] : [],
    directories: above(nixConf).slice(0, made.folders),
  }
}

/** Every folder above, the innermost first. */
function above(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...above(folder)]
}

/** The folders above that are not there, the innermost first. */
export function missingAbove(path: string): string[] {
  const folder = dirname(path)
  return existsSync(folder) ? [] : [folder, ...missingAbove(folder)]
}

/** Makes our own folder and notes which of these files are missing, before anything of others is touched. */
export function prepareOwnDirectory(system: System, files: readonly string[]): void {
  const origin = missingOf(system, files)
  for (const path of missingAbove(ownDirectory(system)).reverse()) makeDirectory(path, 0o755)
  makeDirectory(ownDirectory(system), 0o755)
  write(system, origin)
}

/**
 * The same of files that are missing only now, such as one that somebody has deleted since, before they are made again.
 * Where the note is lost it stays so: what was copied tells more than a part of it would.
 */
export function noteMissing(system: System, files: readonly string[]): void {
  const known = readOrigin(system)
  const now = missingOf(system, files)
  if (!known || now.files.every((path) => known.files.includes(path))) return
  const all = (one: readonly string[], other: readonly string[]) => [...new Set([...one, ...other])]
  write(system, { files: all(known.files, now.files), directories: all(known.directories, now.directories) })
}

function missingOf(system: System, files: readonly string[]): Origin {
  const own = ownSwitches(system)
  return {
    files: files.filter((path) => !existsSync(path) || own.files.includes(path)),
    directories: [...new Set([...files.flatMap((path) => missingAbove(path)), ...own.directories])],
  }
}

function write(system: System, origin: Origin): void {
  writeWhole(originPath(ownDirectory(system)), writeDocument(originFormat, origin), { mode: 0o644 })
}
