import type { RunningBuild } from '../../contract/builds'
import { builderOfMachine } from '../nix/slots'
import { cleanLine } from '../text/clean-text'

/** A build as the log of Nix has it; without who asked and since when, which no line says. */
export interface LoggedBuild
  extends Pick<RunningBuild, 'name' | 'drvPath' | 'builder' | 'activity' | 'phase' | 'copied' | 'logTail'> {
  /** Of its activity: unique among all processes. */
  readonly id: string
  /** The process that builds it or lets it build. */
  readonly workerPid: number
  readonly drvPath: string
}

export interface LoggedEnd {
  readonly id: string
  readonly outcome: 'built' | 'failed' | 'unknown'
}

/** What runs, by the lines of `json-log-path` (Nix 2.30: logging.cc, JSONLogger), which all of Nix's processes write. */
export interface NixLog {
  /** Takes one line; what is none of it is passed over. */
  take(line: string): void
  running(): readonly LoggedBuild[]
  /** Drops what belongs to processes that are no more. */
  keepOnly(isAlive: (pid: number) => boolean): void
  /** What has ended since this was last asked. */
  takeEnded(): readonly LoggedEnd[]
}

/** Activity types and result types of logging.hh. */
const activities = { copyPath: 100, build: 105 } as const
const results = { logLine: 101, setPhase: 104, progress: 105 } as const

const mostTail = 20
/** Of all processes; what hostile lines can make of it is bounded. */
const mostBuilds = 1_000
const mostCopies = 5_000

interface Build {
  readonly id: number
  readonly pid: number
  readonly drvPath: string
  readonly name: string
  /** Empty: this computer. */
  readonly machine: string
  readonly tail: string[]
  phase?: string
  stage: RunningBuild['activity']
  /** Something was heard of the build itself, so that nothing is copied there any more. */
  hasBegun: boolean
}

/** One path under way. */
interface Copy {
  readonly pid: number
  readonly machine: string
  readonly isUpload: boolean
  readonly name: string
  doneBytes: number
  totalBytes: number
}

interface Line {
  readonly action?: unknown
  readonly id?: unknown
  readonly type?: unknown
  readonly fields?: unknown
  readonly level?: unknown
  readonly msg?: unknown
}

/** The upper half of an activity's number is the process that gave it (logging.cc). */
const pidOf = (id: number) => Math.floor(id / 2 ** 32)

export function createNixLog(): NixLog {
  const builds = new Map<number, Build>()
  /** A builder with ssh-ng tells its own activity of the same derivation: lines to it belong to ours. */
  const nested = new Map<number, Build>()
  const copies = new Map<number, Copy>()
  const failed = new Set<Build>()
  let ended: LoggedEnd[] = []

  const of = (id: number) => builds.get(id) ?? nested.get(id)
  const begin = (id: number, [drvPath, machine]: readonly unknown[]) => {
    if (typeof drvPath !== 'string' || typeof machine !== 'string') return
    const name = /^\/[^\0]*\/[a-z0-9]{32}-([\w+?=.-]{1,211})\.drv$/.exec(drvPath)?.[1]
    if (name === undefined || builds.size >= mostBuilds) return
    const pid = pidOf(id)
    const outer = machine === '' ? findOuter(pid, drvPath) : undefined
    if (outer) {
      outer.stage = 'building'
      outer.hasBegun = true
      nested.set(id, outer)
      return
    }
    const stage = machine === '' ? 'building' : 'waiting'
    builds.set(id, { id, pid, drvPath, name, machine, tail: [], stage, hasBegun: machine === '' })
  }
  const findOuter = (pid: number, drvPath: string) =>
    [...builds.values()].find((one) => one.machine !== '' && one.pid === pid && one.drvPath === drvPath)
  const beginCopy = (id: number, [path, from, to]: readonly unknown[]) => {
    if (![path, from, to].every((word) => typeof word === 'string') || copies.size >= mostCopies) return
    const isUpload = from === 'local'
    const machine = String(isUpload ? to : from)
    const name = /\/[a-z0-9]{32}-([^/]+)$/.exec(String(path))?.[1] ?? ''
    const copy = { pid: pidOf(id), machine, isUpload, name, doneBytes: 0, totalBytes: 0 }
    copies.set(id, copy)
    const build = buildOfCopy(copy)
    if (build) build.stage = isUpload ? 'copying-inputs' : 'copying-outputs'
  }
  /** Where a process has several builds on one machine, only one uploads at a time: whose it is, no line says. */
  const buildOfCopy = ({ pid, machine, isUpload, name }: Copy): Build | undefined => {
    const there = [...builds.values()].filter((one) => one.pid === pid && one.machine === machine)
    const candidates = isUpload
      ? there.filter(({ hasBegun }) => !hasBegun)
      : there.filter((one) => name === one.name || name.startsWith(`${one.name}-`))
    return candidates.length === 1 ? candidates[0] : undefined
  }
  const hear = (id: number, type: unknown, fields: readonly unknown[]) => {
    const [first, second] = fields
    const copy = copies.get(id)
    if (copy && type === results.progress && isCount(first) && isCount(second)) {
      copy.doneBytes = first
      copy.totalBytes = Math.max(first, second)
    }
    const build = of(id)
    if (!build || typeof first !== 'string') return
    if (type === results.setPhase) build.phase = cleanLine(first, 64)
    if (type !== results.logLine) return
    build.tail.push(cleanLine(first))
    if (build.tail.length > mostTail) build.tail.shift()
    build.stage = 'building'
    build.hasBegun = true
  }
  const endCopy = (copy: Copy | undefined) => {
    const build = copy?.isUpload ? buildOfCopy(copy) : undefined
    // Either another path follows, or what only ssh-ng says: that it builds.
    if (build) build.stage = 'building'
  }
  const end = (id: number) => {
    endCopy(copies.get(id))
    copies.delete(id)
    nested.delete(id)
    const build = builds.get(id)
    if (!build) return
    // A builder whose first try failed may have built it all the same: only what was built comes back.
    const wasBuilt = build.stage === 'copying-outputs'
    const outcome = wasBuilt ? 'built' : failed.has(build) ? 'failed' : 'unknown'
    forget(build, outcome)
  }
  const forget = (build: Build, outcome: LoggedEnd['outcome']) => {
    builds.delete(build.id)
    failed.delete(build)
    for (const [id, outer] of nested) if (outer === build) nested.delete(id)
    ended = [...ended.slice(-mostBuilds), { id: String(build.id), outcome }]
  }
  /** An error names the derivation; that of a builder ends the build. */
  const blame = (text: string) => {
    if (!/ failed/.test(text)) return
    for (const build of builds.values()) if (text.includes(build.drvPath)) failed.add(build)
  }

  return {
    take: (text) => {
      const line = parse(text)
      if (!line) return
      const fields = Array.isArray(line.fields) ? line.fields : []
      if (line.action === 'msg' && line.level === 0 && typeof line.msg === 'string') return blame(line.msg)
      if (typeof line.id !== 'number' || !Number.isSafeInteger(line.id) || line.id < 0) return
      if (line.action === 'stop') end(line.id)
      if (line.action === 'result') hear(line.id, line.type, fields)
      if (line.action !== 'start') return
      if (line.type === activities.build) begin(line.id, fields)
      if (line.type === activities.copyPath) beginCopy(line.id, fields)
    },
    running: () => [...builds.values()].map((build) => shown(build, copiedBy(build))),
    keepOnly: (isAlive) => {
      for (const build of [...builds.values()]) if (!isAlive(build.pid)) forget(build, 'unknown')
      for (const [id, { pid }] of copies) if (!isAlive(pid)) copies.delete(id)
    },
    takeEnded: () => {
      const all = ended
      ended = []
      return all
    },
  }

  function copiedBy(build: Build): LoggedBuild['copied'] {
    const own = [...copies.values()].filter(
      (copy) => copy.isUpload === (build.stage === 'copying-inputs') && buildOfCopy(copy) === build,
    )
    const totalBytes = own.reduce((sum, copy) => sum + copy.totalBytes, 0)
    return totalBytes === 0
      ? undefined
      : { doneBytes: own.reduce((sum, copy) => sum + copy.doneBytes, 0), totalBytes }
  }
}

function shown(build: Build, copied: LoggedBuild['copied']): LoggedBuild {
  const { id, pid, drvPath, name, machine, stage, phase, tail } = build
  return {
    ...{ id: String(id), workerPid: pid, name, drvPath, activity: stage, logTail: [...tail] },
    ...(machine === '' ? {} : { builder: builderOfMachine(machine) }),
    ...(phase && stage === 'building' ? { phase } : {}),
    ...(copied && stage.startsWith('copying') ? { copied } : {}),
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function parse(text: string): Line | undefined {
  // A throw for each of many empty lines takes far longer than a look.
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    // A line that is no JSON, such as one cut short, tells nothing.
    return undefined
  }
}
