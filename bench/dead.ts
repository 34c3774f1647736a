import { type Measured, median } from './support/section'
import {
  type Builder,
  build,
  interleave,
  openTwoSides,
  run,
  type TwoSides,
  writeMachines,
} from './support/two-sides'

const live: Builder = { name: 'live', jobs: 8, speed: 1 }
const builders: readonly Builder[] = [{ name: 'fast', jobs: 8, speed: 10 }, live]

/** One build while the builder that Nix tries first drops every packet. */
export async function measureDeadBuilder(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides(builders)
  const [wiki, mill] = [fleet.host('wiki'), fleet.host('mill')]
  const noted = await measureNoted(fleet, rounds, 1)
  const atOnce = await interleave(Math.min(rounds, 3), { mill: () => build(mill, 1, 'live') })
  const dead = await build(wiki, 1, 'live')
  return {
    cells: [
      { what: 'wiki, no dead builder', samplesMs: noted.wiki },
      { what: 'wiki, one builder dead', samplesMs: [dead] },
      { what: 'Millwright, one builder dead, at once', samplesMs: atOnce.mill },
      { what: 'Millwright, one builder dead, once noticed', samplesMs: noted.mill },
    ],
    targets: [
      { what: 'at once', value: median(atOnce.mill) / 1000, unit: 's', atMost: 6 },
      ratio('once noticed, over no dead builder', noted.mill, noted.wiki, 1.1),
    ],
    notes: [
      'The wiki’s dead cell is one sample: it waits for TCP to give up, which takes minutes and hardly varies.',
    ],
  }
}

/** Ten independent derivations, a dead builder that calls itself ten times faster, and a live one. */
export async function measureDeadMany(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides(builders, { ssh: '  ConnectTimeout 3\n' })
  const [wiki, mill] = [fleet.host('wiki'), fleet.host('mill')]
  const noted = await measureNoted(fleet, rounds, 10)
  const dead = await build(wiki, 10, 'live')
  const atOnce = await build(mill, 10, 'live')
  return {
    cells: [
      { what: 'wiki, live builder alone', samplesMs: noted.wiki },
      { what: 'wiki with ConnectTimeout 3, one dead', samplesMs: [dead] },
      { what: 'Millwright, one dead, at once', samplesMs: [atOnce] },
      { what: 'Millwright, one dead, once noticed', samplesMs: noted.mill },
    ],
    targets: [ratio('once noticed, over the live builder alone', noted.mill, noted.wiki, 1.2)],
    notes: [
      'Nix asks the dead builder anew for each derivation, one after another: those two cells are one sample each.',
    ],
  }
}

/** Cuts `fast` off; leaves both sides with it in their files again. */
async function measureNoted(fleet: TwoSides, rounds: number, count: number) {
  const [wiki, mill] = [fleet.host('wiki'), fleet.host('mill')]
  await fleet.host('fast').cutNetwork()
  await writeMachines(wiki, [live])
  await run(mill, 'pause fast')
  const samples = await interleave(rounds, {
    wiki: () => build(wiki, count, 'live'),
    mill: () => build(mill, count, 'live'),
  })
  await writeMachines(wiki, builders)
  await run(mill, 'resume fast')
  return samples
}

function ratio(what: string, ours: readonly number[], theirs: readonly number[], atMost: number) {
  return { what, value: median(ours) / median(theirs), unit: '×', atMost } as const
}
