import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import type { OtherLine } from '../../contract/daemon'
import type { BuilderLine } from '../../core/nix/builder-lines'
import { readForCaller } from '../system/caller'
import type { System } from '../system/system'

/** Lists of others are short; of a longer one the first are told. */
const mostLines = 64

/**
 * What a line of others is known by from one reading to the next: its place and all its columns. A line that was changed,
 * or has moved, is another one.
 */
export function keyOfLine({ machine: { line: _, ...machine }, place: { file, line } }: BuilderLine): string {
  return createHash('sha256')
    .update(JSON.stringify([file, line, machine]))
    .digest('hex')
}

/** Lines of others; what stands in a file that not everybody may read is not told to everybody. */
export function tellOtherLines(system: System, lines: readonly BuilderLine[]): OtherLine[] {
  return lines.slice(0, mostLines).map((one) => {
    const { file, line } = one.place
    const { line: _, ...machine } = one.machine
    const isTold = file.startsWith('/') && readForCaller(file) !== undefined
    const isDeclared = existsSync(file) && realpathSync(file).startsWith(`${system.storeDirectory}/`)
    return {
      ...{ key: keyOfLine(one), file, line },
      ...(isDeclared ? { isDeclared } : {}),
      ...(isTold ? { machine } : {}),
    }
  })
}
