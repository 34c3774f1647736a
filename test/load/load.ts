import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Fleet } from '../world/fleet/fleet'
import type { Host } from '../world/fleet/host'
import { nodeOnHost } from '../world/fleet/on-host'
import { until } from '../world/fleet/process'
import { bundle, modulesOnHost } from '../world/kit/bundle'
import { millwright } from '../world/kit/terminal'
import type { Seen, Usage } from './app-on-host'

const firstPort = 10_001
const env = { NODE_PATH: modulesOnHost }

/**
 * Adds real builders to `client`, and so many of an SSH server in one process on `rack`, which are like the first.
 * Needs the helper.
 */
export async function addMany(fleet: Fleet<string>, real: readonly string[], fakes: number): Promise<void> {
  const [client, rack] = [fleet.host('client'), fleet.host('rack')]
  await client.writeFile('/root/key', fleet.credentials.key.privateKey, { mode: '0600' })
  const options = '--identity /root/key --trust-new-host-key --yes --max-jobs 2 --speed-factor 1'
  for (const name of real) {
    const { code, stderr } = await millwright(client, `add easy@${name} ${options}`)
    if (code !== 0) throw new Error(`${name} could not be added: ${stderr}`)
  }
  await rack.writeFile('/opt/fakes.cjs', await bundle('test/load/fake-builders.ts'))
  await rack.start('fakes', [nodeOnHost, '/opt/fakes.cjs', String(firstPort), String(fakes)], { env })
  let key = ''
  await until('the rack', async () => {
    key = (await rack.readFile('/var/log/fakes.log')).split(' ')[1]?.trim() ?? ''
    return key !== ''
  })
  await client.writeFile('/opt/register.cjs', await bundle('test/load/register-many.ts'))
  const records = '/root/.local/share/millwright/builders'
  const place = [rack.address, String(firstPort), String(fakes), key, records]
  await client.must([nodeOnHost, '/opt/register.cjs', ...place], { timeoutMs: 60_000 })
}

/** The composed app on a host, which answers what it uses and what it shows. */
export interface LoadedApp {
  usage(): Promise<Usage>
  seen(): Promise<Seen>
  /** Looks at all builders at once, as after a sleep. */
  wake(): Promise<void>
  close(): Promise<void>
}

/** Starts it as root, and waits for its first look around. `jitteredSleep`: a module that waits otherwise. */
export async function startLoadedApp(client: Host, jitteredSleep?: string): Promise<LoadedApp> {
  const instead = jitteredSleep === undefined ? {} : { 'jittered-sleep': jitteredSleep }
  await client.writeFile('/opt/app-on-host.cjs', await bundle('test/load/app-on-host.ts', instead))
  const argv = [nodeOnHost, '--expose-gc', '/opt/app-on-host.cjs']
  const [command = '', ...args] = client.enter(argv, { env })
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async () => {
    const { value } = await lines.next()
    if (value === undefined) throw new Error('the app has ended')
    return JSON.parse(value)
  }
  const ask = async (word: string) => {
    child.stdin.write(`${word}\n`)
    return await hear()
  }
  await hear()
  return {
    usage: () => ask('usage'),
    seen: () => ask('seen'),
    wake: () => ask('wake'),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}
