import { type Measured, median } from './section'
import { build, interleave, openTwoSides } from './two-sides'

const count = 40

/** Forty tiny derivations on one builder. */
export async function measureBurst(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides([{ name: 'live', jobs: 8, speed: 1 }])
  const { wiki, mill } = await interleave(Math.min(rounds, 3), {
    wiki: () => build(fleet.host('wiki'), count, 'live'),
    mill: () => build(fleet.host('mill'), count, 'live'),
  })
  return {
    cells: [
      { what: 'wiki', samplesMs: wiki },
      { what: 'Millwright', samplesMs: mill },
    ],
    targets: [
      { what: 'Millwright over the wiki', value: median(mill) / median(wiki), unit: '×', atMost: 0.3 },
    ],
    notes: [],
  }
}
