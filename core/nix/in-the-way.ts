import type { InTheWay } from '../../contract/daemon'
import type { BuilderLines } from './builder-lines'
import { parseNixConf } from './nix-conf'
import type { SettingPlace } from './setting-place'

/** What is known of how the daemon comes to its list of builders. */
export interface Evidence {
  /** `nix.conf` of the system. */
  readonly mainFile: string
  /** Where our line belongs: there, or in `nix.custom.conf` beside it. */
  readonly ourFile: string
  /** What our line includes. */
  readonly include: string
  readonly ourMachines: string
  /** Every file of settings that is read, with its text. */
  readonly texts: ReadonlyMap<string, string | undefined>
  readonly read: (file: string) => string | undefined
  /** The last word about `builders`. */
  readonly place: SettingPlace | undefined
  /** Where it is set that another folder than the system's is read. */
  readonly otherFolder: SettingPlace | undefined
  /** Where another program than Nix's own is named for builders; undefined: none is, or it is not known. */
  readonly otherHook: SettingPlace | undefined
  readonly lines: BuilderLines
}

/** Why the daemon would not send builds to a builder of ours that is on; undefined: it would. */
export function findInTheWay(evidence: Evidence): InTheWay | undefined {
  const { mainFile, ourFile, include, ourMachines, texts, place, otherFolder, otherHook, lines } = evidence
  if (otherHook) return { cause: 'other-hook', ...placeOf(otherHook) }
  if (lines.broken)
    return { cause: 'machines-broken', ...placeOf(lines.broken.place), said: lines.broken.message }
  if (lines.files.includes(ourMachines)) return undefined
  const isElsewhere = !texts.has(mainFile) && !texts.has(include)
  if (isElsewhere && otherFolder) return { cause: 'other-folder', ...placeOf(otherFolder) }
  if (texts.has(include) && place) return { cause: 'overridden', ...placeOf(place) }
  const isInOurFile = ourFile !== mainFile && hasInclude(evidence.read(ourFile), ourFile, include)
  return isInOurFile
    ? { cause: 'custom-not-included', file: mainFile }
    : { cause: 'line-lost', file: ourFile }
}

function hasInclude(text: string | undefined, file: string, include: string): boolean {
  return parseNixConf(text ?? '', file).includes.some(({ path }) => path === include)
}

/** What is a variable or an option alone has no line. */
function placeOf({ file, line }: SettingPlace): Pick<InTheWay, 'file' | 'line'> {
  return line > 0 ? { file, line } : { file }
}
