/**
 * Runs the end-to-end tests: `npm run test:e2e -- [--docs] [VITEST ARGUMENTS]`. With `--docs` the pictures of a good
 * run become those of the documentation. Opens a fleet whose client has a desktop, and
 * runs vitest inside the client's network alone: Playwright reaches the app on 127.0.0.1, while files and
 * pictures are this machine's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { electronRuntime } from '../../scripts/runtime.mjs'
import { type Fleet, openFleet } from '../world/fleet'
import type { HostFacts } from '../world/host'
import { fleetCgroup } from '../world/registry'
import { appFolder, picturesFolder, runtimeFolder, type StageNote } from './stage'

const projectRoot = resolve(import.meta.dirname, '../..')
const kinds = { client: 'client', otto: 'builder', anna: 'builder' } as const
type Name = keyof typeof kinds

const vitestFile = join(projectRoot, 'node_modules/vitest/vitest.mjs')
const vitest = [process.execPath, vitestFile, 'run', '--project', 'e2e']

/** What the documentation shows; the run takes more pictures than that. */
const documented =
  /^(empty|add|question-host-key|question-plan|proof|builders|builder|computer|remove)-|^tray-menu/

const words = process.argv.slice(2)
const args = words.filter((word) => word !== '--docs')
process.exitCode = process.getuid?.() === 0 ? await run(args) : await runWithoutStage(args)
if (process.exitCode === 0 && words.includes('--docs')) copyPictures()

/** Every test is skipped by name then. */
async function runWithoutStage(args: readonly string[]): Promise<number> {
  console.log('The end-to-end tests need root for their hosts. With it, run: npm run test:e2e')
  return await start([...vitest, ...args], {})
}

/** Runs in the foreground and answers the exit status. */
async function start([command = '', ...rest]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, rest, { stdio: 'inherit', cwd: projectRoot, env: { ...process.env, ...env } })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function run(args: readonly string[]): Promise<number> {
  await using fleet = await openFleet({
    hosts: kinds,
    binds: [
      { from: projectRoot, to: appFolder },
      { from: electronRuntime().distPath, to: runtimeFolder },
    ],
  })
  const busPolicy = '<busconfig><policy context="mandatory"><allow user="root"/></policy></busconfig>'
  await fleet.host('client').writeFile('/etc/dbus-1/session-local.conf', busPolicy) // The panel is this process.
  const folder = mkdtempSync(join(tmpdir(), 'millwright-e2e-'))
  try {
    const file = join(folder, 'stage.json')
    writeFileSync(file, JSON.stringify(note(fleet)), { mode: 0o600 })
    return await start(fleet.host('client').enterNetwork([...vitest, ...args]), { MILLWRIGHT_STAGE: file })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Into the folder that README and docs/ show. */
function copyPictures(): void {
  for (const file of readdirSync(picturesFolder).filter((name) => documented.test(name))) {
    cpSync(join(picturesFolder, file), join(projectRoot, 'docs/screenshots', file))
  }
}

function note(fleet: Fleet<Name>): StageNote {
  const { credentials, number } = fleet
  const cgroup = fleetCgroup(number)
  const factsOf = (name: Name): HostFacts => {
    const { kind, address, pid } = fleet.host(name)
    const devPassword = credentials.passwords.dev ?? ''
    return { name, kind, address, pid, devPassword, cgroup: cgroup && join(cgroup, name) }
  }
  return { credentials, hosts: { client: factsOf('client'), otto: factsOf('otto'), anna: factsOf('anna') } }
}
