import type { Host } from '../test/world/fleet/host'
import { nodeOnHost } from '../test/world/fleet/on-host'
import { bundle } from '../test/world/kit/bundle'
import { type Measured, median } from './support/section'
import { openTwoSides } from './support/two-sides'

const script = '/opt/switch.cjs'

/** From a person's intent until the next `nix` sees it: each switch to and fro, and the same by hand. */
export async function measureSwitch(rounds: number): Promise<Measured> {
  await using fleet = await openTwoSides([{ name: 'live', jobs: 8, speed: 1 }])
  const [wiki, mill] = [fleet.host('wiki'), fleet.host('mill')]
  await mill.writeFile(script, await bundle('bench/on-host/switch.ts'))
  const desktop = await mill.desktop()
  const throwIt = (name: string) => [nodeOnHost, script, name, String(rounds)]
  const inSession = async (name: string) => {
    const { code, stdout, stderr } = await desktop.exec(throwIt(name))
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout) as number[]
  }
  const me = await inSession('remote-only-for-me')
  const builder = await inSession('builder-for-everyone')
  const everyone = JSON.parse(await mill.must(throwIt('remote-only-for-everyone'))) as number[]
  const byHand = {
    me: await handEdits(wiki, 'dev', 'max-jobs = 0', '/home/dev/.config/nix/nix.conf', rounds),
    everyone: await handEdits(wiki, 'root', 'max-jobs = 0', '/etc/nix/nix.conf', rounds),
  }
  return {
    cells: [
      { what: 'by hand, for me: a line in ~/.config/nix/nix.conf', samplesMs: byHand.me },
      { what: 'Millwright, for me: remote only', samplesMs: me },
      { what: 'by hand, for everyone: a line in /etc/nix/nix.conf', samplesMs: byHand.everyone },
      {
        what: 'Millwright, for everyone: a builder off and on, by pkexec without a password',
        samplesMs: builder,
      },
      { what: 'Millwright, for everyone: remote only, as root', samplesMs: everyone },
    ],
    targets: [
      { what: 'for me', value: median(me), unit: 'ms', atMost: 50 },
      { what: 'for everyone, a builder', value: median(builder), unit: 'ms', atMost: 300 },
      { what: 'for everyone, remote only', value: median(everyone), unit: 'ms', atMost: 300 },
    ],
    notes: [
      'By hand is sed(1) alone, without the person who opens an editor, finds the line and becomes root.',
      'Remote only for everyone needs an administrator’s password in a session, which no clock can judge.',
    ],
  }
}

/** Puts a line into a file and takes it out, as often; returns the milliseconds of each, measured on the host. */
async function handEdits(host: Host, user: string, line: string, path: string, rounds: number) {
  await host.writeFile(path, user === 'root' ? await host.readFile(path) : '', { owner: user })
  const edits = `exec ${nodeOnHost} -e '
const { spawnSync } = require("node:child_process")
const edit = ["$ a ${line}", "/^${line}$/d"]
const samples = Array.from({ length: ${2 * rounds} }, (_, round) => {
  const start = performance.now()
  const { status } = spawnSync("sed", ["-i", edit[round % 2], "${path}"])
  if (status !== 0) throw new Error("sed ended with " + status)
  return performance.now() - start
})
console.log(JSON.stringify(samples))'`
  // sed adds no line to an empty file.
  await host.must(['sh', '-c', 'echo >>"$0"', path], { user })
  return JSON.parse(await host.must(['sh', '-c', edits], { user })) as number[]
}
