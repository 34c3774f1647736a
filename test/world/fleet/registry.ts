import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { HostKind } from './accounts'

/** Where fleets keep their keys and say that they exist; one numbered room each. Memory, gone at reboot. */
const registry = '/run/millwright-world'
const youngMs = 10_000

export interface FleetNote {
  readonly number: number
  readonly owner: ProcessMark
  /** Opened by a person with `npm run world -- up`, who may close it with `down`. */
  readonly forPlay: boolean
  readonly hosts: Readonly<Record<string, NotedHost>>
}

export interface NotedHost {
  readonly kind: HostKind
  readonly address: string
  /** What keeps a running host; it shares the host's network, and takes the host along. */
  readonly keeper?: ProcessMark
}

/** A process that cannot be mistaken for a later one with the same number (proc(5), stat, field 22). */
export interface ProcessMark {
  readonly pid: number
  readonly startedAtTicks: string
}

/** Where the fleet of a number keeps its files, with a folder for each host. */
export function roomOf(number: number): string {
  return join(registry, String(number))
}

/** Takes the lowest free number, which also decides the fleet's addresses: 10.213.NUMBER.x. */
export function claimRoom(): { number: number; room: string } {
  mkdirSync(registry, { recursive: true, mode: 0o755 })
  for (let number = 1; number < 255; number++) {
    const room = roomOf(number)
    try {
      mkdirSync(room, { mode: 0o755 })
      return { number, room }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new Error(`254 fleets are open already (${registry})`)
}

/** Whole or not at all: a fleet whose note cannot be read would be swept. */
export function writeNote(room: string, note: FleetNote): void {
  const file = join(room, 'fleet.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`)
  renameSync(`${file}.new`, file)
}

/** The fleets that are open now, whoever opened them, oldest number first. */
export function openNotes(): FleetNote[] {
  return rooms()
    .map(readNote)
    .filter((note) => note !== undefined)
    .filter((note) => isAlive(note.owner))
    .sort((a, b) => a.number - b.number)
}

/** Removes what fleets left whose owner died without closing them; another sweep may be at it as well. */
export function sweep(): void {
  for (const room of rooms()) {
    const note = readNote(room)
    if (note ? isAlive(note.owner) : isYoung(room)) continue
    for (const { keeper } of Object.values(note?.hosts ?? {})) {
      if (keeper && isAlive(keeper)) kill(keeper.pid)
    }
    removeCgroup(fleetCgroup(Number(room.split('/').at(-1))))
    rmSync(room, { recursive: true, force: true })
  }
}

export function mark(pid: number): ProcessMark {
  return { pid, startedAtTicks: startTicks(pid) ?? '' }
}

/** The control group (version 2) that holds a fleet's processes; throws where there is no such hierarchy. */
export function fleetCgroup(number: number): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const root = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1]
  if (!root) throw new Error('hosts need control groups version 2, which this machine has not')
  return join(root, `millwright-world-${number}`)
}

/** Removes a control group and those below once their processes are gone; false while there are some. */
export function removeCgroup(path: string): boolean {
  const below = ifThere(() => readdirSync(path, { withFileTypes: true }))
  if (!below) return true
  for (const entry of below) if (entry.isDirectory()) removeCgroup(join(path, entry.name))
  try {
    ifThere(() => rmdirSync(path))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    return false
  }
}

/** Undefined where the file has gone: somebody else removes the same. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // Killed by another sweep.
  }
}

function rooms(): string[] {
  return existsSync(registry) ? readdirSync(registry).map((name) => join(registry, name)) : []
}

function readNote(room: string): FleetNote | undefined {
  const text = ifThere(() => readFileSync(join(room, 'fleet.json'), 'utf8'))
  return text === undefined ? undefined : (JSON.parse(text) as FleetNote)
}

function isAlive({ pid, startedAtTicks }: ProcessMark): boolean {
  return startTicks(pid) === startedAtTicks
}

/** A room without a note may be one that is being furnished, or cleared, at this moment. */
function isYoung(room: string): boolean {
  const madeAtMs = statSync(room, { throwIfNoEntry: false })?.mtimeMs
  return madeAtMs === undefined || Date.now() - madeAtMs < youngMs
}

function startTicks(pid: number): string | undefined {
  try {
    // The command's name, in brackets, may itself hold spaces and brackets: count from the last one. Z is dead.
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}
