import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { electronRuntime } from '../../scripts/runtime.mjs'
import type { HostKind } from '../world/fleet/accounts'
import { type Fleet, openFleet } from '../world/fleet/fleet'
import type { HostFacts } from '../world/fleet/host'
import { fleetCgroup, roomOf } from '../world/fleet/registry'
import type { Bind } from '../world/fleet/start-host'
import { runtimeFolder, type StageNote } from './stage'

export const projectRoot = resolve(import.meta.dirname, '../..')

export interface StagePlan {
  /** Machines besides `client`, whose desktop is the stage. */
  readonly others: Readonly<Record<string, HostKind>>
  readonly binds?: readonly Bind[]
  /** Lets `npm run world -- sh NAME` find its hosts first. */
  readonly forPlay?: boolean
  /** What has to be on the hosts before the curtain rises. */
  readonly prepare?: (fleet: Fleet) => Promise<void>
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Opens a fleet whose client has a desktop, and runs a program of this machine's Node inside the client's network
 * alone: Playwright reaches the app on 127.0.0.1, while files and pictures are this machine's. Returns its status.
 */
export async function onStage(argv: readonly string[], plan: StagePlan): Promise<number> {
  await using fleet: Fleet = await openFleet<string>({
    hosts: { client: 'client', ...plan.others },
    binds: [{ from: electronRuntime().distPath, to: runtimeFolder }, ...(plan.binds ?? [])],
    forPlay: plan.forPlay ?? false,
  })
  await plan.prepare?.(fleet)
  const folder = mkdtempSync(join(tmpdir(), 'millwright-e2e-'))
  try {
    const file = join(folder, 'stage.json')
    writeFileSync(file, JSON.stringify(note(fleet)), { mode: 0o600 })
    const [command = '', ...args] = fleet.host('client').enterNetwork([process.execPath, ...argv])
    const child = spawn(command, args, {
      stdio: 'inherit',
      cwd: projectRoot,
      // What it leaves in its temporary folder, when a signal ends it, goes with ours.
      env: { ...process.env, ...plan.env, MILLWRIGHT_STAGE: file, TMPDIR: folder },
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function note({ credentials, number, hosts }: Fleet): StageNote {
  const devPassword = credentials.passwords.dev ?? ''
  const facts = hosts.map(({ name, kind, address }): [string, HostFacts] => {
    const [room, cgroup] = [join(roomOf(number), name), join(fleetCgroup(number), name)]
    return [name, { name, kind, address, room, cgroup, devPassword }]
  })
  return { credentials, hosts: Object.fromEntries(facts) }
}
