import type { ModeView, Scope } from '../../contract/mode'

export interface ModeChange {
  readonly scope: Scope
  readonly on: boolean
}

/**
 * What one press on a mode's switch asks for: on for me alone; off wherever it is on. Undefined while something
 * else decides, since no press would change what Nix does.
 */
export function toggleMode({
  me,
  everyone,
  inForce,
  overriddenBy,
}: ModeView): readonly ModeChange[] | undefined {
  if (overriddenBy) return undefined
  if (!inForce) return [{ scope: 'me', on: true }]
  return [
    ...(me ? [{ scope: 'me' as const, on: false }] : []),
    ...(everyone ? [{ scope: 'everyone' as const, on: false }] : []),
  ]
}

/** Whether there is anything for a mode to choose between: a builder, or a mode that is on already. */
export function offersModes(builders: number, ...modes: readonly ModeView[]): boolean {
  return builders > 0 || modes.some(({ me, everyone, inForce }) => me || everyone || inForce)
}
