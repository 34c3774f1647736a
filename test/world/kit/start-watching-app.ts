import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type BuildsView, noBuilds } from '../../../contract/builds'
import type { Host } from '../fleet/host'
import { nodeOnHost } from '../fleet/on-host'
import { until } from '../fleet/process'
import { bundle, modulesOnHost } from './bundle'

interface Shown {
  readonly id: string
  readonly state: string
  readonly failure?: string
  readonly pausedUntil?: string
  readonly suspendedSince?: string
  readonly runningBuilds?: number
  readonly health?: {
    readonly state: string
    readonly since: string
    readonly handshakeAt?: string
    readonly failure?: string
    /** What the person reads. */
    readonly title?: string
    readonly nixVersion?: string
    /** Of the last sample that is shown. */
    readonly atMs?: number
  }
}

export interface WatchingApp {
  /** The builder as the app shows it now. */
  shown(id: string): Shown | undefined
  /** What it shows of builds now. */
  builds(): BuildsView
  /** Every state that the builder was shown in, each once it changed. */
  states(id: string): readonly string[]
  send(command: object): void
  /** Ends it as *Quit* does, or at once. */
  close(how?: 'kill'): Promise<void>
}

/** Starts the composed app on a host, as root, and waits for its first look. */
export async function startWatchingApp(host: Host): Promise<WatchingApp> {
  const path = '/opt/watching-app/app.cjs'
  await host.writeFile(path, await bundle('test/world/kit/watching-app.ts'))
  const [command = '', ...args] = host.enter([nodeOnHost, path], { env: { NODE_PATH: modulesOnHost } })
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let now: readonly Shown[] = []
  let builds = noBuilds
  const history = new Map<string, string[]>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line)
    now = said.builders
    builds = said.builds
    for (const { id, state } of now) {
      const states = history.get(id) ?? []
      if (states.at(-1) !== state) history.set(id, [...states, state])
    }
  })
  await until('the app has looked around', async () => now.length > 0)
  return {
    shown: (id) => now.find((builder) => builder.id === id),
    builds: () => builds,
    states: (id) => history.get(id) ?? [],
    send: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    close: async (how) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      if (how === 'kill') await host.exec(['pkill', '-KILL', '-f', path])
      else child.stdin.end()
      await exited
    },
  }
}
