import type { ModeName, ModeView } from '../../contract/mode'

const words: Record<ModeName, { readonly title: string; readonly sentence: string }> = {
  'remote-only': {
    title: 'Build only remotely',
    sentence:
      'Nothing is built on this computer, not even what prefers to be built locally. While no builder can be reached, builds fail.',
  },
  'local-only': {
    title: 'Build only locally',
    sentence: 'Nix does not look at your builders at all.',
  },
}

/** A mode's name and what Nix really does in it (`max-jobs = 0`, an empty `builders`). */
export function modeWords(mode: ModeName): { readonly title: string; readonly sentence: string } {
  return words[mode]
}

/** Who decides instead of the switch, or that it leaves nothing to build with; undefined while it has its way. */
export function overriddenWords({ inForce, overriddenBy, nothingBuiltFor }: ModeView): string | undefined {
  if (nothingBuiltFor !== undefined) {
    const why = overriddenBy
      ? `max-jobs is 0 by ${overriddenBy.where}`
      : 'this computer builds nothing itself'
    return `Nothing can be built now: ${why}, and Nix goes by no builder that takes builds for ${nothingBuiltFor}.`
  }
  if (!overriddenBy) return undefined
  const { setting, where } = overriddenBy
  return `${inForce ? 'In force all the same' : 'Not in force'}: ${setting} is decided by ${where}.`
}
