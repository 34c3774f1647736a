import type { RegisteredBuilder } from '../../contract/builder'
import { giveLinesBack, takeLine } from '../../core/nix/other-lines'
import { Refusal } from '../protocol/refusal'
import { readIfAllowed } from '../system/caller'
import { foreignMachines, readExistingBuilders } from '../system/local-nix'
import type { System } from '../system/system'
import { whyNotTrusted } from '../system/trusted-path'
import { editFile } from './edit-file'

/** Turns the line of a machines file that an adopted builder comes from into a comment. Fails with CONFLICT where it has changed. */
export function takeAdoptedLine(file: string, line: number, expected: string, id: string): void {
  editFile(file, {
    mode: 0o644,
    change: (text) => {
      const taken = text.split('\n')[line - 1] === expected ? takeLine(text, line, id) : undefined
      if (taken !== undefined) return taken
      throw new Refusal('CONFLICT', undefined, `${file}:${line} is no longer as it was.`)
    },
  })
}

/**
 * Gives back the lines of all who are not adopted any more, in the files that they came from and in those that the
 * system's own `builders` names. Returns what
 * could not be given back, in words: a file that others may write is left as it is.
 */
export function giveBackLines(
  system: System,
  before: readonly Pick<RegisteredBuilder, 'adoptedFrom'>[],
  after: readonly Pick<RegisteredBuilder, 'id' | 'adoptedFrom'>[],
): string | undefined {
  const kept = new Set(after.filter(({ adoptedFrom }) => adoptedFrom !== undefined).map(({ id }) => id))
  const named = foreignMachines(system, readExistingBuilders(system)).map(({ path }) => path)
  const files = new Set([...before.flatMap(({ adoptedFrom }) => adoptedFrom ?? []), ...named])
  const left = [...files].flatMap((file) => {
    const text = readIfAllowed(file) ?? ''
    const isAdopted = (id: string) => kept.has(id)
    if (giveLinesBack(text, isAdopted) === text) return []
    const problem = whyNotTrusted(file, system)
    if (problem !== undefined)
      return [`${file} still holds lines as comments that Millwright made: ${problem}.`]
    editFile(file, { mode: 0o644, change: (now) => giveLinesBack(now, isAdopted) })
    return []
  })
  return left.length > 0 ? left.join(' ') : undefined
}
