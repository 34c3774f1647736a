import { defaultPreferences } from '../contract/preferences'
import { openFleet } from '../test/world/fleet/fleet'
import { until } from '../test/world/fleet/process'
import { installHelperOn } from '../test/world/kit/install-helper'
import { startWatchingApp, type WatchingApp } from '../test/world/kit/start-watching-app'
import { millwright } from '../test/world/kit/terminal'
import { type Measured, median } from './support/section'

const hosts = { client: 'client', drops: 'builder', hangs: 'builder' } as const
const names = ['drops', 'hangs'] as const
type Name = (typeof names)[number]

/** How long after a builder dies its health says so: when its connections are cut, and when it just falls silent. */
export async function measureNotice(rounds: number): Promise<Measured> {
  await using fleet = await openFleet({ hosts })
  const client = fleet.host('client')
  await installHelperOn(client)
  await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
  for (const name of names) {
    const added = await millwright(client, `add easy@${name} --identity /tmp/key --trust-new-host-key --yes`)
    if (added.code !== 0) throw new Error(added.stderr)
  }
  // One that is suspended is looked at more rarely: each round is to be like the first.
  const preferences = JSON.stringify({ ...defaultPreferences, suspend: false })
  await client.writeFile('/root/.local/share/millwright/preferences.json', preferences, { mode: '0600' })
  const app = await startWatchingApp(client)
  const samples: Record<Name, number[]> = { drops: [], hangs: [] }
  try {
    for (let round = 0; round < rounds; round++) {
      await Promise.all(names.map((name) => turns(app, name, 'ready', 60_000)))
      const [drops, hangs] = [fleet.host('drops'), fleet.host('hangs')]
      const fault = { drops: () => drops.stopSshd(), hangs: () => hangs.sh('pkill -STOP -x sshd') }
      const tell = async (name: Name) => {
        const told = turns(app, name, 'unreachable', 30_000)
        await fault[name]()
        samples[name].push(await told)
      }
      await Promise.all(names.map(tell))
      await Promise.all([drops.startSshd(), hangs.sh('pkill -CONT -x sshd')])
    }
  } finally {
    await app.close()
  }
  return {
    cells: [
      { what: 'its connections are cut', samplesMs: samples.drops },
      { what: 'it falls silent', samplesMs: samples.hangs },
    ],
    targets: [
      { what: 'its connections are cut', value: median(samples.drops) / 1000, unit: 's', atMost: 2 },
      { what: 'it falls silent', value: median(samples.hangs) / 1000, unit: 's', atMost: 10 },
    ],
    notes: [
      'From the fault to the state in the app’s own snapshot; the fault’s own command is in it.',
      'By their design a ping every 10 s (Hydra) takes up to 10 s and a liveness timer of 60 s up to a minute.',
    ],
  }
}

async function turns(app: WatchingApp, name: Name, state: string, deadlineMs: number): Promise<number> {
  const startMs = performance.now()
  await until(`${name} is ${state}`, async () => app.shown(name)?.health?.state === state, deadlineMs)
  return performance.now() - startMs
}
