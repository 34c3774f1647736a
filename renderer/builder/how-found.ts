import type { Derived } from '../../contract/remote'

/** How a value was found, if it was: `measured: 2.9 × this computer`. `word` is part of the value's name. */
export function howFound(derived: readonly Derived[], word: string): string | undefined {
  return derived.find(({ name }) => name.toLowerCase().includes(word))?.how
}
