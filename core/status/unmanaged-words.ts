import type { UnmanagedBuilder } from '../../contract/snapshot'
import { failureWords } from '../failures/words'
import { formatLatency } from '../text/format'

/** `answers in 24 ms`, or why not, in a few words; only what root's own handshake has shown. */
export function unmanagedState({ answer, builder }: UnmanagedBuilder): string {
  if (builder !== undefined) return `the same machine as ${builder}`
  if (!answer) return 'not looked at'
  if (answer.failure) return failureWords(answer.failure).title
  return answer.latencyMs === undefined ? 'answers' : `answers in ${formatLatency(answer.latencyMs)}`
}

/** Whose the line is, as far as the line says. */
export function unmanagedWhere({
  where,
  isDeclared,
}: Pick<UnmanagedBuilder, 'where' | 'isDeclared'>): string {
  return isDeclared ? `${where}, made by a rebuild` : where
}
