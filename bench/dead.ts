import type { Host } from '../test/world/fleet/host'
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
  const meet = async () => {
    await forgetAnswers(mill)
    return await build(mill, 1, 'live')
  }
  const atOnce = await interleave(Math.min(rounds, 3), { mill: meet })
  const dead = await build(wiki, 1, 'live')
  return {
    cells: [
      { what: 'wiki, no dead builder', samplesMs: noted.wiki },
      { what: 'wiki, one builder dead', samplesMs: [dead] },
      { what: 'Millwright, one builder dead, at once, no app running', samplesMs: atOnce.mill },
      { what: 'Millwright, one builder dead, once noticed', samplesMs: noted.mill },
    ],
    targets: [
      { what: 'at once', value: median(atOnce.mill) / 1000, unit: 's', atMost: 3 },
      ratio('once noticed, over no dead builder', noted.mill, noted.wiki, 1.1),
    ],
    notes: [
      'The wiki’s dead cell is one sample: it waits for TCP to give up, which takes minutes and hardly varies.',
    ],
  }
}

/** Ten independent derivations, a dead builder that calls itself ten times faster, and a live one; no app runs. */
export async function measureDeadMany(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides(builders, { ssh: '  ConnectTimeout 3\n' })
  const [wiki, mill] = [fleet.host('wiki'), fleet.host('mill')]
  const alive = await measureAlive(mill, rounds)
  const noted = await measureNoted(fleet, rounds, 10)
  const dead = await build(wiki, 10, 'live')
  await forgetAnswers(mill)
  const first = await build(mill, 10, 'live')
  // What is known holds for half a minute.
  const { mill: then } = await interleave(Math.min(rounds, 4), { mill: () => build(mill, 10, 'live') })
  const later = (first - median(noted.mill)) / 1000
  return {
    cells: [
      { what: 'all alive, without asking whether it answers', samplesMs: alive.unasked },
      { what: 'all alive, asking', samplesMs: alive.asked },
      { what: 'wiki, live builder alone', samplesMs: noted.wiki },
      { what: 'wiki with ConnectTimeout 3, one dead', samplesMs: [dead] },
      { what: 'Millwright, one dead, no app running, first meeting', samplesMs: [first] },
      { what: 'Millwright, one dead, no app running, then', samplesMs: then },
      { what: 'Millwright, the dead one paused', samplesMs: noted.mill },
    ],
    targets: [
      ratio('all alive, asking over not', alive.asked, alive.unasked, 1.05),
      { what: 'first meeting, more than with the live one alone', value: later, unit: 's', atMost: 2.5 },
      ratio('then, over the live one alone', then, noted.mill, 1.1),
      ratio('once noticed, over the live builder alone', noted.mill, noted.wiki, 1.2),
    ],
    notes: [
      'Nix asks the dead builder anew for each derivation, one after another: the wiki’s cell is one sample.',
    ],
  }
}

/** Ten builds on the faster builder alone, with the guard before each login and without. */
async function measureAlive(mill: Host, rounds: number) {
  const guard = '/usr/lib/millwright/millwright-answers'
  await run(mill, 'pause live')
  const samples = await interleave(rounds, {
    asked: () => build(mill, 10, 'fast'),
    unasked: async () => {
      await mill.must(['mv', guard, `${guard}.aside`])
      const ms = await build(mill, 10, 'fast')
      await mill.must(['mv', `${guard}.aside`, guard])
      return ms
    },
  })
  await run(mill, 'resume live')
  return samples
}

/** As when nobody has built for a while. */
async function forgetAnswers(mill: Host): Promise<void> {
  await mill.must(['rm', '-rf', '/run/millwright/answers'])
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
