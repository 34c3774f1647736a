import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Credentials } from '../world/fleet/accounts'
import type { Desktop } from '../world/fleet/desktop'
import { type Host, type HostFacts, makeHost } from '../world/fleet/host'

/** What `run.ts` tells the tests, in a file that only root reads: it holds the fleet's passwords. */
export interface StageNote {
  readonly hosts: Readonly<Record<string, HostFacts>>
  readonly credentials: Credentials
}

/** Where the hosts see the runtimes; read-only. */
export const runtimeFolder = '/opt/electron'

/** The fleet that `run.ts` opened: a desktop with a person at it, and machines to become builders. */
export interface Stage {
  readonly client: Host
  readonly desktop: Desktop
  readonly credentials: Credentials
  host(name: string): Host
  /** The session bus, as this process reaches it. */
  readonly busAddress: string
}

export const picturesFolder = resolve(import.meta.dirname, 'out')

/** Reads the stage that is set; undefined when the tests run without `npm run test:e2e`. */
export function stageFile(): string | undefined {
  const file = process.env.MILLWRIGHT_STAGE
  return file && existsSync(file) ? file : undefined
}

export async function openStage(): Promise<Stage> {
  const file = stageFile()
  if (!file) throw new Error('these tests need their stage: npm run test:e2e')
  const { hosts, credentials } = JSON.parse(readFileSync(file, 'utf8')) as StageNote
  const host = (name: string) => {
    const facts = hosts[name]
    if (!facts) throw new Error(`the stage has no host ${name}`)
    return makeHost(facts)
  }
  mkdirSync(picturesFolder, { recursive: true })
  return await raiseCurtain(host, credentials)
}

/** Starts the desktop session of the host `client`, with its screen. */
export async function raiseCurtain(host: Stage['host'], credentials: Credentials): Promise<Stage> {
  const client = host('client')
  const desktop = await client.desktop()
  await desktop.startScreen()
  const busAddress = `unix:path=${join('/proc', String(client.pid), 'root', busPath(desktop))}`
  return { client, desktop, credentials, host, busAddress }
}

const busPolicy = '<busconfig><policy context="mandatory"><allow user="root"/></policy></busconfig>'

/** The tray's panel is a process of root's, who is no guest on a person's session bus otherwise. */
export function letRootOntoBus(client: Host): Promise<void> {
  return client.writeFile('/etc/dbus-1/session-local.conf', busPolicy)
}

function busPath({ env }: Desktop): string {
  return env.DBUS_SESSION_BUS_ADDRESS?.replace('unix:path=', '') ?? ''
}
