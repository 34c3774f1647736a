import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { addLastInclude, removeInclude } from '../../core/nix/nix-conf'
import { addFirstInclude, removeFirstInclude } from '../../core/ssh/ssh-config'
import { Refusal } from '../protocol/refusal'
import { draftOf, makeDirectory, removeFile, removeIfEmpty, writeWhole } from '../system/disk'
import { currentLink, nixConfPath, ownDirectory, type System, sshConfigPath } from '../system/system'
import { whyNotTrusted } from '../system/trusted-path'

/** What was not there before us, so that taking our lines back leaves the system as it was. */
const Origin = v.strictObject({ files: v.array(v.string()), directories: v.array(v.string()) })
type Origin = v.InferOutput<typeof Origin>

export interface ForeignFile {
  readonly path: string
  /** What our line names. */
  readonly include: string
  readonly mode: number
  readonly add: (text: string, include: string) => string
  readonly remove: (text: string, include: string) => string
}

/** The two files of others that get one line of ours each. */
export function foreignFiles(system: System): readonly ForeignFile[] {
  const current = currentLink(system)
  return [
    {
      path: nixConfPath(system),
      include: `${current}/nix.conf`,
      mode: 0o644,
      add: addLastInclude,
      remove: removeInclude,
    },
    {
      path: sshConfigPath(system),
      include: `${current}/ssh_config`,
      mode: 0o600,
      add: addFirstInclude,
      remove: removeFirstInclude,
    },
  ]
}

function originPath(system: System): string {
  return `${ownDirectory(system)}/origin.json`
}

export function readOrigin(system: System): Origin | undefined {
  if (!existsSync(originPath(system))) return undefined
  return v.parse(Origin, JSON.parse(readFileSync(originPath(system), 'utf8')))
}

/**
 * Refuses what a rebuild owns (UNSUPPORTED, declarative) and what somebody else than root could swap under us
 * (NEEDS_ATTENTION, unsafe-path).
 */
export function checkForeignFiles(system: System): void {
  for (const { path } of foreignFiles(system)) {
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined
    if (isThere && !existsSync(path)) unsafe(`${path} is a link to nothing`)
    if (isThere && isDeclared(path, system)) {
      const detail = `${path} is made by this system's own configuration.`
      throw new Refusal('UNSUPPORTED', 'declarative', detail)
    }
    let existing = path
    while (!existsSync(existing)) existing = dirname(existing)
    const problem = whyNotTrusted(existing, system)
    if (problem) unsafe(problem)
  }
}

function isDeclared(path: string, { storeDirectory }: System): boolean {
  const header = 'WARNING: this file is generated from the nix.* options in'
  return realpathSync(path).startsWith(`${storeDirectory}/`) || readFileSync(path, 'utf8').includes(header)
}

function unsafe(problem: string): never {
  throw new Refusal('NEEDS_ATTENTION', 'unsafe-path', `Root cannot rely on what stands there: ${problem}.`)
}

/** Makes our own folder and notes what is missing, before anything of others is touched. */
export function prepareOwnDirectory(system: System): void {
  const folder = ownDirectory(system)
  const files = foreignFiles(system)
  const missing = (path: string) => !existsSync(path)
  const origin: Origin = {
    files: files.map(({ path }) => path).filter(missing),
    directories: files.map(({ path }) => dirname(path)).filter(missing),
  }
  makeDirectory(system.nixConfigDirectory, 0o755)
  makeDirectory(folder, 0o755)
  writeWhole(originPath(system), `${JSON.stringify(origin, undefined, 2)}\n`, { mode: 0o644 })
}

/** Whether our lines are in both files, as they are after `addIncludes`. */
export function hasIncludes(system: System): boolean {
  return foreignFiles(system).every(({ path, include, add }) => {
    if (!existsSync(path)) return false
    const text = readBytes(path)
    return add(text, include) === text
  })
}

/** Adds our line to both files; harmless until `current` is there, as both skip what they do not find. */
export function addIncludes(system: System): void {
  for (const file of foreignFiles(system)) {
    if (!existsSync(dirname(file.path))) makeDirectory(dirname(file.path), 0o700)
    const text = existsSync(file.path) ? readBytes(file.path) : ''
    const backup = `${ownDirectory(system)}/before-${file.path.split('/').at(-1)}`
    if (existsSync(file.path)) writeWhole(backup, readFileSync(file.path), { mode: 0o600 })
    rewrite(file, file.add(text, file.include))
  }
}

/** Takes our lines back, and the files and folders that only we needed. */
export function removeIncludes(system: System): void {
  const origin = readOrigin(system) ?? { files: [], directories: [] }
  for (const file of foreignFiles(system)) {
    if (existsSync(dirname(file.path))) removeFile(draftOf(realPathOf(file.path)))
    if (!existsSync(file.path)) continue
    const rest = file.remove(readBytes(file.path), file.include)
    if (rest === '' && origin.files.includes(file.path)) removeFile(file.path)
    else rewrite(file, rest)
  }
  for (const folder of origin.directories) if (folder !== system.nixConfigDirectory) removeIfEmpty(folder)
}

/** Keeps owner, group and mode; follows a link that root made, so that it stays one. */
function rewrite({ path, mode }: ForeignFile, text: string): void {
  if (!existsSync(path)) {
    writeWhole(path, text, { mode })
    return
  }
  if (readBytes(path) === text) return
  const before = statSync(path)
  writeWhole(realPathOf(path), Buffer.from(text, 'latin1'), {
    mode: before.mode & 0o7777,
    uid: before.uid,
    gid: before.gid,
  })
}

/** One character per byte, so that whatever else is in there comes back as it was. */
function readBytes(path: string): string {
  return readFileSync(path, 'latin1')
}

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}
