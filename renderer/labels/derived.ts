import type { Derived } from '../../contract/remote'

export type DerivedName =
  | 'protocol'
  | 'systems'
  | 'supportedFeatures'
  | 'mandatoryFeatures'
  | 'maxJobs'
  | 'coresPerJob'
  | 'speedFactor'

const words: Record<DerivedName, string> = {
  protocol: 'Protocol',
  systems: 'Systems',
  supportedFeatures: 'Features',
  mandatoryFeatures: 'Only for',
  maxJobs: 'Jobs',
  coresPerJob: 'Cores a job',
  speedFactor: 'Speed',
}

/** What a found value is called on the screen. */
export const derivedWord = (name: string): string => (isDerivedName(name) ? words[name] : name)

const isDerivedName = (name: string): name is DerivedName => Object.hasOwn(words, name)

/** How a value was found, if it was: `measured: 2.9 times as fast as this computer`. */
export function howFound(derived: readonly Derived[], name: DerivedName): string | undefined {
  return derived.find((one) => one.name === name)?.how
}
