import { electronRuntime } from '../scripts/runtime.mjs'
import { seatAdministrator } from '../test/e2e/administrator'
import { letRootOntoBus, raiseCurtain, runtimeFolder, type Stage } from '../test/e2e/stage'
import { openTrayPanel, type TrayPanel } from '../test/e2e/tray-panel'
import { openFleet } from '../test/world/fleet'
import { nodeOnHost, projectOnHost } from '../test/world/on-host'

/** A person's desktop on which apps are started in turn, with builders that this person has added. */
export interface Desk extends AsyncDisposable {
  readonly stage: Stage
  readonly panel: TrayPanel
}

const cli = [nodeOnHost, `${projectOnHost}/out/main/cli.js`]
const machines = ['anna', 'otto'] as const

/** Opens a client with a virtual screen and adds so many builders there: two machines, under several names each. */
export async function openDesk(builders: number): Promise<Desk> {
  const fleet = await openFleet<string>({
    hosts: { client: 'client', ...Object.fromEntries(machines.map((name) => [name, 'builder'])) },
    binds: [{ from: electronRuntime().distPath, to: runtimeFolder }],
  })
  try {
    await letRootOntoBus(fleet.host('client'))
    const stage = await raiseCurtain((name) => fleet.host(name), fleet.credentials)
    if (builders > 0) await addBuilders(stage, builders)
    const panel = await openTrayPanel(stage.busAddress)
    const close = async () => {
      panel.close()
      await fleet.close()
    }
    return { stage, panel, [Symbol.asyncDispose]: close }
  } catch (error) {
    await fleet.close()
    throw error
  }
}

/** As the person does at this desk, so that the keys for watching are where the app looks for them. */
async function addBuilders(stage: Stage, count: number): Promise<void> {
  await stage.client.must([...cli, 'helper', 'install'])
  const boss = await seatAdministrator(stage)
  try {
    for (let number = 0; number < count; number++) {
      const machine = machines[number % machines.length]
      const name = `${machine}-${Math.floor(number / machines.length)}`
      const options = ['--name', name, '--password-stdin', '--trust-new-host-key', '--yes']
      const input = `${stage.credentials.passwords.easy}\n`
      const argv = [...cli, 'add', `easy@${machine}`, ...options]
      const { code, stdout, stderr } = await stage.desktop.exec(argv, { input, timeoutMs: 60_000 })
      if (code !== 0) throw new Error(`${name} was not added: ${stderr || stdout}`)
    }
  } finally {
    boss.leave()
  }
}
