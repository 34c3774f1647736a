import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import * as v from 'valibot'
import { renderMachines } from '../../core/nix/machines'
import { renderOwnNixConf } from '../../core/nix/nix-conf'
import { renderSubstituters } from '../../core/nix/substituter'
import { renderKnownHosts } from '../../core/ssh/known-hosts'
import { renderSshConfig } from '../../core/ssh/ssh-config'
import { Refusal } from '../protocol/refusal'
import {
  draftOf,
  makeDirectory,
  pointTo,
  removeTree,
  renameInto,
  syncDirectory,
  writeWhole,
} from '../system/disk'
import { isAbsence, readPlainText } from '../system/read-file'
import { lackingSshOptions } from '../system/ssh-options'
import { controlMastersDirectory, currentLink, keyPath, ownDirectory, type System } from '../system/system'
import { isOwnDirectory } from './origin'
import { parseState, type State } from './state'

const kept = 10
const namePattern = /^gen-(\d{6,})$/
const Manifest = v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)))

export const generationFiles = ['machines', 'nix.conf', 'ssh_config', 'known_hosts', 'state.json'] as const
export type GenerationFile = (typeof generationFiles)[number]

export function generationPath(system: System, generation: number): string {
  return `${ownDirectory(system)}/${nameOf(generation)}`
}

function nameOf(generation: number): string {
  return `gen-${String(generation).padStart(6, '0')}`
}

/** The files of a generation. They name `current` and not themselves: what is in force is one link's word. */
export function renderGeneration(system: System, state: State): Record<GenerationFile, string> {
  const current = currentLink(system)
  const key = (id: string) => keyPath(system, id)
  const sshPaths = {
    key,
    knownHosts: `${current}/known_hosts`,
    master: (id: string) => `${controlMastersDirectory(system)}/${id}`,
    guard: system.guard,
  }
  return {
    machines: renderMachines(
      state.builders.filter(({ enabled }) => enabled),
      key,
    ),
    'nix.conf': [
      renderOwnNixConf({
        existingBuilders: state.existingBuilders,
        machinesPath: `${current}/machines`,
        remoteOnly: state.remoteOnly,
        // Spares sending what a cache has. Where a builder reaches no cache it waits for its own outputs all the same.
        buildersUseSubstitutes: true,
      }),
      ...renderSubstituters(state.builders).map((line) => `${line}\n`),
    ].join(''),
    ssh_config: renderSshConfig(state.builders, sshPaths, lackingSshOptions(system)),
    known_hosts: renderKnownHosts(state.builders),
    'state.json': `${JSON.stringify(state, undefined, 2)}\n`,
  }
}

/** The files of a generation as they lie there; what is missing is empty. */
export function readFiles(system: System, generation: number): Record<GenerationFile, string> {
  const read = (name: GenerationFile) => {
    try {
      return readPlainText(`${generationPath(system, generation)}/${name}`)
    } catch {
      // Whatever stands there instead, it is not what would be written.
      return ''
    }
  }
  return Object.fromEntries(generationFiles.map((name) => [name, read(name)])) as Record<
    GenerationFile,
    string
  >
}

/** Whether this helper would write a generation as it is: another version, or with another ssh, may not. */
export function isAsRendered(system: System, state: State): boolean {
  const written = readFiles(system, state.generation)
  const { 'state.json': _, ...rendered } = renderGeneration(system, state)
  return Object.entries(rendered).every(([name, text]) => written[name as GenerationFile] === text)
}

/** The numbers of all generation folders, whole or not, oldest first. */
export function listGenerations(system: System): number[] {
  if (!isOwnDirectory(system)) return []
  return readdirSync(ownDirectory(system))
    .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/**
 * Its state, when every file is there and is what the manifest says, and no later helper wrote it. Throws where it cannot
 * be read for now.
 */
export function readGeneration(system: System, generation: number): State | undefined {
  const state = readWhole(system, generation)
  return state === 'newer' ? undefined : state
}

function readWhole(system: System, generation: number): State | 'newer' | undefined {
  const folder = generationPath(system, generation)
  const read = (name: string) => readPlainText(`${folder}/${name}`)
  try {
    const manifest = v.parse(Manifest, JSON.parse(read('manifest.json')))
    if (!generationFiles.every((name) => manifest[name] === sha256(read(name)))) return undefined
    const state = parseState(read('state.json'))
    return state === 'newer' || state?.generation === generation ? state : undefined
  } catch (error) {
    // One that cannot be read for now may be whole: to take it for none would put an earlier one in its place.
    if (error instanceof Error && 'syscall' in error && !isAbsence(error)) throw error
    // A generation that is cut or damaged is none: the newest whole one counts.
    return undefined
  }
}

/** What `current` says: nothing is set up, or a number that may or may not be whole. */
export function currentGeneration(system: System): number | undefined {
  const link = currentLink(system)
  if (!isOwnDirectory(system)) return undefined
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined
  const digits = namePattern.exec(readlinkSync(link))?.[1]
  return digits === undefined ? 0 : Number(digits)
}

export function readCurrent(system: System): State | undefined {
  const generation = currentGeneration(system)
  return generation === undefined ? undefined : readGeneration(system, generation)
}

/**
 * Refuses to touch what a later helper wrote, or to take an earlier generation for it. Fails with UNSUPPORTED,
 * state-newer.
 */
export function requireReadableState(system: System): void {
  const generation = currentGeneration(system)
  if (generation === undefined || readWhole(system, generation) !== 'newer') return
  const detail = `${generationPath(system, generation)} was written by a later helper than this one.`
  throw new Refusal('UNSUPPORTED', 'state-newer', detail)
}

/**
 * Makes the folder whole after a helper that died: `current` names a whole generation, none is newer than it.
 * What never came into force is deleted. Without `current` nothing is set up, and nothing is done here.
 */
export function recoverGenerations(system: System): State | undefined {
  const named = currentGeneration(system)
  if (named === undefined) return undefined
  const all = listGenerations(system)
  const candidates = [named, ...all.reverse()]
  const state = candidates.map((one) => readGeneration(system, one)).find((one) => one !== undefined)
  if (!state) return undefined
  if (state.generation !== named) activate(system, state.generation)
  for (const one of all) {
    const isWhole = one === state.generation || readGeneration(system, one) !== undefined
    if (one > state.generation || !isWhole) removeTree(generationPath(system, one))
  }
  removeTree(draftOf(currentLink(system)))
  for (const name of readdirSync(ownDirectory(system))) {
    if (name.startsWith('.gen-')) removeTree(`${ownDirectory(system)}/${name}`)
  }
  return state
}

/** Writes a whole generation that is not in force yet; readable by everyone, as it holds no secret. */
export function writeGeneration(system: System, state: State): void {
  const folder = generationPath(system, state.generation)
  const draft = draftOf(folder)
  removeTree(draft)
  makeDirectory(draft, 0o755)
  const files = renderGeneration(system, state)
  for (const name of generationFiles) writeWhole(`${draft}/${name}`, files[name], { mode: 0o644 })
  const manifest = Object.fromEntries(generationFiles.map((name) => [name, sha256(files[name])]))
  writeWhole(`${draft}/manifest.json`, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o644 })
  syncDirectory(draft)
  renameInto(draft, folder)
}

/** The commit point: one rename. */
export function activate(system: System, generation: number): void {
  pointTo(currentLink(system), nameOf(generation))
}

export function pruneGenerations(system: System): void {
  const old = listGenerations(system).slice(0, -kept)
  for (const generation of old) removeTree(generationPath(system, generation))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
