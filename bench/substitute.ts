import { millwright } from '../test/world/kit/terminal'
import { type Measured, median } from './support/section'
import { derivations, interleave, openTwoSides, realise, run } from './support/two-sides'

const count = 100

/** A hundred small paths that the builder has: copied from it, or got as one must who has no substituter. */
export async function measureSubstitute(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides([{ name: 'live', jobs: 8, speed: 1 }])
  const [wiki, mill, live] = [fleet.host('wiki'), fleet.host('mill'), fleet.host('live')]
  await run(mill, 'substituter live on --yes')
  const { code, stderr } = await millwright(mill, 'substituter live on', { user: 'dev' })
  if (code !== 0) throw new Error(stderr)
  /** New ones each time, as what is there once stays. */
  const built = async () => {
    const text = derivations(count)
    await live.writeFile('/tmp/bench.nix', text)
    await live.must(['nix-build', '--no-out-link', '/tmp/bench.nix'], { user: 'plain' })
    return text
  }
  const here = ['--option', 'builders', '']
  const samples = await interleave(Math.min(rounds, 2), {
    remote: async () => realise(wiki, await built(), 'live', ['-j0']),
    local: () => realise(wiki, derivations(count), 'wiki', here),
    substitute: async () => realise(mill, await built(), 'live', ['-j0', ...here]),
  })
  const ratio = (other: readonly number[]) => median(samples.substitute) / median(other)
  return {
    cells: [
      { what: 'wiki: the builder asked for each of them', samplesMs: samples.remote },
      { what: 'wiki: built again here', samplesMs: samples.local },
      { what: 'Millwright: substituted', samplesMs: samples.substitute },
    ],
    targets: [
      {
        what: 'substituted, over the builder asked for each',
        value: ratio(samples.remote),
        unit: '×',
        atMost: 1,
      },
    ],
    notes: ['Each takes no more than a few milliseconds to build: the least that building here can cost.'],
  }
}
