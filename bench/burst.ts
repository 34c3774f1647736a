import { type Measured, median } from './support/section'
import { build, interleave, openTwoSides, run } from './support/two-sides'

const count = 40

/** Forty tiny derivations on one builder, with a login for each and through one connection. */
export async function measureBurst(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides([{ name: 'live', jobs: 8, speed: 1 }])
  const mill = fleet.host('mill')
  const share = (wanted: 'on' | 'off') => run(mill, `share live ${wanted}`)
  const samples = await interleave(Math.min(rounds, 3), {
    wiki: () => build(fleet.host('wiki'), count, 'live'),
    alone: async () => {
      await share('off')
      return await build(mill, count, 'live')
    },
    shared: async () => {
      await share('on')
      return await build(mill, count, 'live')
    },
  })
  const over = (name: 'alone' | 'shared') => median(samples[name]) / median(samples.wiki)
  return {
    cells: [
      { what: 'wiki', samplesMs: samples.wiki },
      { what: 'Millwright', samplesMs: samples.alone },
      { what: 'Millwright, shared connection', samplesMs: samples.shared },
    ],
    targets: [{ what: 'shared connection over the wiki', value: over('shared'), unit: '×', atMost: 0.3 }],
    notes: [`With a login for each build: ${over('alone').toFixed(2)} × the wiki.`],
  }
}
