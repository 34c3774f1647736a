import { type Machine, type MachinesDialect, parseMachines } from './machines'
import type { SettingPlace } from './setting-place'

/** A machine of the list that Nix goes by, and where it is written. */
export interface BuilderLine {
  readonly machine: Machine
  readonly place: SettingPlace
}

/** What `builders` comes to. */
export interface BuilderLines {
  readonly lines: readonly BuilderLine[]
  /** Every machines file that it names, in turn, whether it is there or not. */
  readonly files: readonly string[]
  /** The first machine for whose sake Nix uses none at all. */
  readonly broken?: { readonly place: SettingPlace; readonly message: string }
}

export interface LinesOptions {
  readonly dialect: MachinesDialect
  readonly fractions: boolean
  /** A file that is missing is passed over, as Nix does (machines.cc). */
  readonly read: (file: string) => string | undefined
}

/**
 * The machines that a value of `builders` names, files that name files followed in turn; Nix itself follows a circle
 * without end. `place` is where the value stands. Paths are relative to `/`, where the build hook runs.
 */
export function readBuilderLines(
  value: string,
  place: SettingPlace,
  { dialect, fractions, read }: LinesOptions,
): BuilderLines {
  const seen = new Set<string>()
  const expand = (text: string, placeOf: (line: number) => SettingPlace): BuilderLines => {
    const { machines, includes, problems } = parseMachines(text, dialect, { fractions })
    const nested = includes.map((path) => {
      const file = path.startsWith('/') ? path : `/${path}`
      if (seen.has(file)) return { lines: [], files: [] }
      seen.add(file)
      const inner = expand(read(file) ?? '', (line) => ({ file, line }))
      return { ...inner, files: [file, ...inner.files] }
    })
    const stopping = problems.find(({ stopsAll }) => stopsAll)
    const broken = stopping
      ? { place: placeOf(stopping.line), message: stopping.message }
      : nested.find((one) => one.broken)?.broken
    return {
      lines: [
        ...machines.map((machine) => ({ machine, place: placeOf(machine.line) })),
        ...nested.flatMap(({ lines }) => lines),
      ],
      files: nested.flatMap(({ files }) => files),
      ...(broken ? { broken } : {}),
    }
  }
  return expand(value, () => place)
}

/** The store of a machine without its parameters: what a slot and a builder are known by. */
export function storeOf(uri: string): string {
  return uri.split('?', 1)[0] ?? uri
}
