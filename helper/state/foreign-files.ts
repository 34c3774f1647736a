import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { addLastInclude, removeInclude } from '../../core/nix/nix-conf'
import { addIncludeBelowOwnSwitches } from '../../core/nix/user-conf'
import { addFirstInclude, removeFirstInclude } from '../../core/ssh/ssh-config'
import { Refusal } from '../protocol/refusal'
import { draftOf, makeDirectory, removeFile, removeIfEmpty, writeWhole } from '../system/disk'
import { readPlainFile, readPlainText } from '../system/read-file'
import { currentLink, nixConfPath, ownDirectory, type System, sshConfigPath } from '../system/system'
import { whyNotTrusted } from '../system/trusted-path'
import { editFile } from './edit-file'
import { missingAbove, noteMissing, readOrigin } from './origin'

export interface ForeignFile {
  readonly path: string
  /** What our line names. */
  readonly include: string
  readonly mode: number
  /** A rebuild has put our line there, and only a rebuild takes it out. */
  readonly isDeclared: boolean
  readonly add: (text: string, include: string) => string
  readonly remove: (text: string, include: string) => string
}

/** The two files of others that get one line of ours each. */
export function foreignFiles(system: System): readonly ForeignFile[] {
  const current = currentLink(system)
  const declared = Object.values(system.declared ?? {})
  const files: readonly Omit<ForeignFile, 'isDeclared'>[] = [
    {
      path: nixConfPath(system),
      include: `${current}/nix.conf`,
      mode: 0o644,
      add: system.whose === 'person' ? addIncludeBelowOwnSwitches : addLastInclude,
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
  return files.map((file) => ({ ...file, isDeclared: declared.includes(file.path) }))
}

/**
 * Refuses what a rebuild owns (UNSUPPORTED, declarative), what some other configuration has made (UNSUPPORTED,
 * root-file-declared) and what somebody else than root could swap under us (NEEDS_ATTENTION, unsafe-path).
 */
export function checkForeignFiles(system: System): void {
  for (const { path, isDeclared } of foreignFiles(system)) {
    if (isDeclared) continue
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined
    if (isThere && !existsSync(path)) unsafe(`${path} is a link to nothing`)
    if (isThere) requireUndeclared(path, system)
    let existing = path
    while (!existsSync(existing)) existing = dirname(existing)
    // What somebody owns themselves they may keep as they like.
    const problem = system.whose === 'root' ? whyNotTrusted(existing, system) : undefined
    if (problem) unsafe(problem)
  }
}

function requireUndeclared(path: string, { storeDirectory }: System): void {
  const header = 'WARNING: this file is generated from the nix.* options in'
  if (readPlainText(path).includes(header)) {
    const line = `${path} is made by this system's own configuration`
    throw new Refusal('UNSUPPORTED', 'declarative', `${line}.`, { line, facts: { path } })
  }
  if (!realpathSync(path).startsWith(`${storeDirectory}/`)) return
  const line = `${path} is a link to ${realpathSync(path)}`
  throw new Refusal('UNSUPPORTED', 'root-file-declared', `${line}.`, { line, facts: { path } })
}

function unsafe(problem: string): never {
  const [, path] = /^(\/.*?) (?:belongs to uid|can be written by|is a link to)/.exec(problem) ?? []
  const said = { line: problem, facts: path === undefined ? {} : { path } }
  throw new Refusal(
    'NEEDS_ATTENTION',
    'unsafe-path',
    `Root cannot rely on what stands there: ${problem}.`,
    said,
  )
}

/** Whether our lines are in both files, as they are after `addIncludes`. */
export function hasIncludes(system: System): boolean {
  return foreignFiles(system).every(({ path, include, add, isDeclared }) => {
    if (isDeclared) return true
    if (!existsSync(path)) return false
    const text = readBytes(path)
    return add(text, include) === text
  })
}

/** Adds our line to both files; harmless until `current` is there, as both skip what they do not find. */
export function addIncludes(system: System): void {
  noteMissing(
    system,
    foreignFiles(system).map(({ path }) => path),
  )
  for (const { path, include, mode, add, isDeclared } of foreignFiles(system)) {
    if (isDeclared) continue
    for (const folder of missingAbove(path).reverse()) makeDirectory(folder, 0o700)
    editFile(path, {
      mode,
      change: (text) => add(text, include),
      onRead: (bytes) => {
        const text = bytes.toString('latin1')
        // With our line in it, it is no copy of theirs, and may be all ours.
        if (add(text, include) !== text) writeWhole(backupPath(system, path), bytes, { mode: 0o600 })
      },
    })
  }
}

/** Takes our lines back, and the files and folders that only we needed. */
export function removeIncludes(system: System): void {
  const origin = readOrigin(system)
  const files = origin?.files ?? filesWithoutBackup(system)
  for (const { path, include, mode, remove, isDeclared } of [...foreignFiles(system), ...elsewhere(system)]) {
    if (isDeclared) continue
    if (existsSync(dirname(path))) removeFile(draftOf(realPathOf(path)))
    if (!existsSync(path)) continue
    const change = (text: string) => {
      const rest = remove(text, include)
      return rest === '' && files.includes(path) ? undefined : rest
    }
    editFile(path, { mode, change })
  }
  for (const folder of origin?.directories ?? [])
    if (folder !== system.nixConfigDirectory) removeIfEmpty(folder)
}

/**
 * Our line in another file than it would go into now: in nix.conf or nix.custom.conf from before an installer of Nix
 * changed its ways, in root's own files from before it was declared.
 */
function elsewhere(system: System): readonly ForeignFile[] {
  const [nix, ssh] = foreignFiles(system)
  const names = ['nix.conf', 'nix.custom.conf'].map((name) => `${system.nixConfigDirectory}/${name}`)
  const places = [
    ...names.map((path) => ({ ...nix, path })),
    { ...ssh, path: `${system.home}/.ssh/config` },
  ] as ForeignFile[]
  const now = foreignFiles(system).map(({ path }) => path)
  return places
    .map((place) => ({ ...place, isDeclared: false }))
    .filter(({ path }) => !now.includes(path) && existsSync(path))
    .filter(({ path, include, remove }) => remove(readBytes(path), include) !== readBytes(path))
}

/** What the copies tell where the note of what was not there before is lost: of each file that was there one is kept. */
function filesWithoutBackup(system: System): readonly string[] {
  if (!existsSync(ownDirectory(system))) return []
  return [...foreignFiles(system), ...elsewhere(system)]
    .map(({ path }) => path)
    .filter((path) => !existsSync(backupPath(system, path)))
}

function backupPath(system: System, path: string): string {
  return `${ownDirectory(system)}/before-${basename(path)}`
}

/** One character per byte, so that whatever else is in there comes back as it was. */
function readBytes(path: string): string {
  return readPlainFile(path).toString('latin1')
}

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}
