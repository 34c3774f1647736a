import { fail } from '../failures'
import type { CollectPort } from '../ports/collect'

export function createCollect(): CollectPort {
  return {
    count: async ({ id }) => fail('COLLECT_FAILED', { builder: id }),
    collect: async ({ id }) => fail('COLLECT_FAILED', { builder: id }),
  }
}
