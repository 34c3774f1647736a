import type { ModeView, Reach } from '../../contract/mode'

export interface ModeChange {
  readonly scope: Reach
  readonly on: boolean
}

/**
 * What one press on a mode's switch asks for, in one command. Undefined while something else decides, since no press
 * would change what Nix does.
 */
export function toggleMode({ inForce, overriddenBy, nothingBuiltFor }: ModeView): ModeChange | undefined {
  if (nothingBuiltFor !== undefined && !overriddenBy) return { scope: 'wherever', on: false }
  return overriddenBy ? undefined : { scope: 'wherever', on: !inForce }
}

/** Whether there is anything for a mode to choose between: a builder, or a mode that is on already. */
export function offersModes(builders: number, ...modes: readonly ModeView[]): boolean {
  return builders > 0 || modes.some(({ me, everyone, inForce }) => me || everyone || inForce)
}
