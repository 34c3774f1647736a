import { existsSync } from 'node:fs'
import type { DaemonView, InTheWayCause } from '../../contract/daemon'
import { type BuilderLines, storeOf } from '../../core/nix/builder-lines'
import { isOwnPlace } from '../../core/nix/setting-place'
import { sshAlias } from '../../core/ssh/alias'
import { readDaemonLines } from '../daemon/daemon-lines'
import { asReadByDaemon } from '../daemon/daemon-record'
import { type DaemonSettings, readDaemonSettings } from '../daemon/daemon-settings'
import { findAlsoOffered, findSshInTheWay } from '../daemon/line-destinations'
import { tellOtherLines } from '../daemon/other-lines'
import { findShutIn } from '../daemon/shut-in'
import { trustsCaller } from '../daemon/trusts-caller'
import { readCurrent } from '../state/generations'
import { readIfAllowed } from '../system/caller'
import { currentLink, type System } from '../system/system'

/**
 * What the Nix daemon goes by, as real Nix reads it with the environment and the options of the service. As an ordinary
 * user it sees what they may see, which is said. Undefined where not even nix.conf may be read.
 */
export async function readDaemon(system: System, settings?: DaemonSettings): Promise<DaemonView | undefined> {
  const [mainFile = ''] = system.confFiles
  if (existsSync(mainFile) && readIfAllowed(mainFile) === undefined) return undefined
  const state = readCurrent(system)
  const isWhole = process.geteuid?.() === system.owner
  const builders = state?.builders.filter(({ enabled }) => enabled) ?? []
  const list = `${currentLink(system)}/machines`
  const common = { isWhole, list, ...(state ? { generation: state.generation } : {}) }
  const service = settings ?? (await readDaemonSettings(system))
  const reading = await readDaemonLines(system, service)
  if (reading === 'unknown') return undefined
  if ('cause' in reading)
    return {
      ...common,
      ...{ used: [], readsOurs: false, inTheWay: reading, alsoOffered: [], systems: [], trustsCaller: false },
    }
  const { shown, lines } = reading
  const sshInTheWay = isWhole && state ? await findSshInTheWay(system, state.builders) : undefined
  const settled =
    // A machines file is read for each build; all else the daemon has read at its start.
    !isWhole || !state || lines.broken
      ? reading.inTheWay
      : asReadByDaemon(system, service.startedMs, reading.files, reading.inTheWay)
  const isRoots = system.whose === 'root'
  const shutIn = isRoots && isWhole && state ? await findShutIn(system, state.builders, service) : undefined
  const isOwnSwitch = !isRoots && settled && isOwnPlace({ file: settled.file, line: 0 })
  const inTheWay = state ? ((isOwnSwitch ? undefined : settled) ?? sshInTheWay ?? shutIn) : undefined
  const stores = new Set(lines.lines.map(({ machine }) => storeOf(machine.uri)))
  const isStopped =
    (inTheWay && !isBypassed.includes(inTheWay.cause)) || (sshInTheWay ?? shutIn) !== undefined
  const used = builders.filter(
    ({ protocol, id }) => !isStopped && stores.has(`${protocol}://${sshAlias(id)}`),
  )
  return {
    ...common,
    used: used.map(({ id }) => id),
    readsOurs: inTheWay === undefined,
    ...(inTheWay ? { inTheWay } : {}),
    alsoOffered: await findAlsoOffered(system, state?.builders ?? [], foreignLines(system, lines)),
    others: lines.broken ? [] : tellOtherLines(system, foreignLines(system, lines)),
    systems: lines.broken
      ? []
      : systemsOf(isStopped ? foreignLines(system, lines) : lines.lines, String(shown.system)),
    trustsCaller: system.whose === 'person' || (await trustsCaller(system, shown['trusted-users'])),
  }
}

/** With these in the way, a line of somebody else may offer a builder under our own name. */
const isBypassed: readonly InTheWayCause[] = [
  'line-lost',
  'custom-not-included',
  'overridden',
  'other-folder',
]

function foreignLines(system: System, { lines }: BuilderLines): BuilderLines['lines'] {
  return lines.filter(({ place }) => !place.file.startsWith(`${currentLink(system)}/`))
}

/** A machine with no jobs takes none (build-remote.cc). */
function systemsOf(lines: BuilderLines['lines'], own: string): string[] {
  const all = lines
    .filter(({ machine }) => machine.maxJobs > 0)
    .flatMap(({ machine }) => machine.systems ?? [own])
  return [...new Set(all)]
}
