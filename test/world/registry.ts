import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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
  readonly hosts: Readonly<Record<string, { pid?: ProcessMark; address: string; kind: HostKind }>>
}

/** A process that cannot be mistaken for a later one with the same number (proc(5), stat, field 22). */
export interface ProcessMark {
  readonly pid: number
  readonly startedAtTicks: string
}

/** Takes the lowest free number, which also decides the fleet's addresses: 10.213.NUMBER.x. */
export function claimRoom(): { number: number; room: string } {
  mkdirSync(registry, { recursive: true, mode: 0o755 })
  for (let number = 1; number < 255; number++) {
    const room = join(registry, String(number))
    try {
      mkdirSync(room, { mode: 0o755 })
      return { number, room }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new Error(`254 fleets are open already (${registry})`)
}

export function writeNote(room: string, note: FleetNote): void {
  writeFileSync(join(room, 'fleet.json'), `${JSON.stringify(note)}\n`)
}

/** The fleets that are open now, whoever opened them, oldest number first. */
export function openNotes(): FleetNote[] {
  return rooms()
    .map(readNote)
    .filter((note) => note !== undefined)
    .filter((note) => isAlive(note.owner))
    .sort((a, b) => a.number - b.number)
}

/** Removes what fleets left whose owner died without closing them. */
export function sweep(): void {
  for (const room of rooms()) {
    const note = readNote(room)
    if (note ? isAlive(note.owner) : isYoung(room)) continue
    for (const { pid } of Object.values(note?.hosts ?? {})) {
      if (pid && isAlive(pid)) process.kill(pid.pid, 'SIGKILL')
    }
    const groups = fleetCgroup(Number(room.split('/').at(-1)))
    if (groups) removeCgroup(groups)
    rmSync(room, { recursive: true, force: true })
  }
}

export function mark(pid: number): ProcessMark {
  return { pid, startedAtTicks: startTicks(pid) ?? '' }
}

/** The control group (version 2) that holds a fleet's processes; undefined where there is no such hierarchy. */
export function fleetCgroup(number: number): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const root = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1]
  return root && join(root, `millwright-world-${number}`)
}

/** Removes an empty control group and those below; one that still holds a process stays for the next sweep. */
export function removeCgroup(path: string): boolean {
  if (!existsSync(path)) return true
  const children = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const child of children) removeCgroup(join(path, child.name))
  try {
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}

function rooms(): string[] {
  return existsSync(registry) ? readdirSync(registry).map((name) => join(registry, name)) : []
}

function readNote(room: string): FleetNote | undefined {
  try {
    return JSON.parse(readFileSync(join(room, 'fleet.json'), 'utf8')) as FleetNote
  } catch {
    return undefined
  }
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
