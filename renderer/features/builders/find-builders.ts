import type { BuilderView } from '../../../contract/snapshot'
import { stateWord } from '../../../core/text/format'

/** Those builders that hold every wanted word in their name, host, systems, features or state. */
export function findBuilders(builders: readonly BuilderView[], wanted: string): readonly BuilderView[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return builders
  return builders.filter((builder) => {
    const text = searchable(builder)
    return words.every((word) => text.includes(word))
  })
}

function searchable(builder: BuilderView): string {
  const { id, host, systems, supportedFeatures, mandatoryFeatures, state } = builder
  return [id, host, ...systems, ...supportedFeatures, ...mandatoryFeatures, stateWord(state)]
    .join(' ')
    .toLowerCase()
}
