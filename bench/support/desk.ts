import { electronRuntime } from '../../scripts/runtime.mjs'
import { seatAdministrator } from '../../test/e2e/administrator'
import { letRootOntoBus, raiseCurtain, runtimeFolder, type Stage } from '../../test/e2e/stage'
import { openTrayPanel, type TrayPanel } from '../../test/e2e/tray-panel'
import { openFleet } from '../../test/world/fleet/fleet'
import { nodeOnHost, projectOnHost } from '../../test/world/fleet/on-host'

/** A person's desktop on which apps are started in turn, with builders that this person has added. */
export interface Desk extends AsyncDisposable {
  readonly stage: Stage
  readonly panel: TrayPanel
}

const cli = [nodeOnHost, `${projectOnHost}/out/main/cli.js`]
/** Opens a client with a virtual screen and adds so many builders there, a host each. */
export async function openDesk(builders: number): Promise<Desk> {
  const names = Array.from({ length: builders }, (_, number) => `builder-${number}`)
  const fleet = await openFleet<string>({
    hosts: { client: 'client', ...Object.fromEntries(names.map((name) => [name, 'builder'])) },
    binds: [{ from: electronRuntime().distPath, to: runtimeFolder }],
  })
  try {
    await letRootOntoBus(fleet.host('client'))
    const stage = await raiseCurtain((name) => fleet.host(name), fleet.credentials)
    if (builders > 0) await addBuilders(stage, names)
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
async function addBuilders(stage: Stage, names: readonly string[]): Promise<void> {
  await stage.client.must([...cli, 'helper', 'install'])
  const boss = await seatAdministrator(stage)
  try {
    for (const name of names) {
      const argv = [...cli, 'add', `easy@${name}`, '--password-stdin', '--trust-new-host-key', '--yes']
      const input = `${stage.credentials.passwords.easy}\n`
      const { code, stdout, stderr } = await stage.desktop.exec(argv, { input, timeoutMs: 60_000 })
      if (code !== 0) throw new Error(`${name} was not added: ${stderr || stdout}`)
    }
  } finally {
    boss.leave()
  }
}
