import { describe, expect, it } from 'vitest'
import { runChaos } from '../../chaos/chaos'

const isRoot = process.getuid?.() === 0
const budgetMs = 1000 * Number(process.env.MILLWRIGHT_CHAOS_SECONDS ?? 60)
const seed = Number(process.env.MILLWRIGHT_SEED ?? Date.now() % 1_000_000)

describe.skipIf(!isRoot)('chaos (needs root on Debian 12: sudo npm test -- world)', () => {
  it(
    `of seed ${seed} breaks nothing, and leaves nothing behind`,
    async () => {
      const steps: string[] = []
      const { broken } = await runChaos({ seed, budgetMs, log: (line) => void steps.push(line) })
      console.log(`chaos, MILLWRIGHT_SEED=${seed}:\n${steps.join('\n')}`)
      expect(broken).toEqual([])
    },
    budgetMs + 600_000,
  )
})
