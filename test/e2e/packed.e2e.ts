import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronRuntime } from '../../scripts/runtime.mjs'
import { projectOnHost } from '../world/fleet/on-host'
import { seatAdministrator } from './administrator'
import { openStage, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayPanel } from './tray-panel'

/** How the fuse wire writes a state: ASCII digits. */
const off = '0'.charCodeAt(0)
const on = '1'.charCodeAt(0)
const root = resolve(import.meta.dirname, '../..')
const packed = join(root, 'dist/linux-unpacked')
const packedThere = `${projectOnHost}/dist/linux-unpacked`

describe.skipIf(!stageFile())('the packed app', () => {
  let stage: Stage
  let panel: TrayPanel

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/pack.mjs'], { cwd: root })
    stage = await openStage()
    panel = await openTrayPanel(stage.busAddress)
  })
  afterAll(() => panel?.close())

  it('starts at the desk of an ordinary user, shows its tray, and quits', async () => {
    const [command = '', ...args] = stage.desktop.enter([`${packedThere}/millwright-desktop`])
    const app = spawn(command, args, { stdio: 'ignore' })
    const ended = once(app, 'exit')
    const item = await panel.item()
    expect(await item.tooltip()).toMatch(/^Millwright: /)
    await item.click('Quit')
    expect((await ended)[0]).toBe(0)
  })

  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(join(packed, 'millwright-desktop'))
    const stateOf = (fuse: FuseV1Options) => wire[fuse]
    expect(stateOf(FuseV1Options.RunAsNode)).toBe(off)
    expect(stateOf(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(off)
    expect(stateOf(FuseV1Options.EnableNodeCliInspectArguments)).toBe(off)
    expect(stateOf(FuseV1Options.OnlyLoadAppFromAsar)).toBe(on)
    expect(stateOf(FuseV1Options.EnableCookieEncryption)).toBe(on)
    // Electron has this fuse from 29 on; the stand-in runtime is older.
    const older = parseInt(electronRuntime().version, 10) < 29
    expect(stateOf(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(older ? undefined : off)
  })

  it('holds what it needs, and no source', () => {
    const files = listPackage(join(packed, 'resources/app.asar'), { isPack: false })
    expect(files).toContain('/out/main/index.js')
    expect(files).toContain('/out/preload/index.js')
    expect(files).toContain('/out/renderer/index.html')
    expect(files.filter((file) => /\.(ts|tsx|map)$|^\/(test|scripts|renderer|helper)\//.test(file))).toEqual(
      [],
    )
    const modules = new Set(files.flatMap((file) => /^\/node_modules\/([^/]+)/.exec(file)?.[1] ?? []))
    expect([...modules]).toEqual(['keytar'])
    const binaries = files.filter((file) => file.endsWith('.node'))
    expect(binaries).toEqual([
      `/node_modules/keytar/prebuilds/${process.platform}-${process.arch}/keytar.node`,
    ])
  })

  it('brings the terminal’s command and the helper, on the Node that is packed with them', async () => {
    const resources = `${packedThere}/resources`
    const node = `${resources}/helper/node`
    const list = await stage.desktop.exec([node, `${resources}/terminal/cli.js`, '--version'])
    expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    const version = await stage.desktop.exec([node, '--version'])
    expect(version).toMatchObject({ code: 0, stdout: `${process.version}\n` })
    const prefix = '/usr/lib/millwright-packed'
    const installer = [node, `${resources}/helper/install.mjs`]
    const installed = await stage.client.must([...installer, 'install', '--prefix', prefix])
    expect(JSON.parse(installed)).toMatchObject({ state: 'ready', hasPolicy: true, prefix })
    await stage.client.must([...installer, 'uninstall', '--prefix', prefix])
  })

  it('has its helper installed from the desk by an administrator, and by nobody else', async () => {
    const node = `${packedThere}/resources/helper/node`
    const prefix = '/usr/lib/millwright-packed'
    const installer = [node, `${packedThere}/resources/helper/install.mjs`]
    // As the app does it; one of its own place, since the stage's helper is in use.
    const byDesk = [
      'pkexec',
      '--disable-internal-agent',
      ...installer,
      'install',
      '--runtime',
      node,
      '--prefix',
      prefix,
    ]
    expect((await stage.desktop.exec(byDesk)).code).toBe(127)
    const administrator = await seatAdministrator(stage)
    try {
      expect(JSON.parse((await stage.desktop.exec(byDesk)).stdout)).toMatchObject({ state: 'ready', prefix })
    } finally {
      administrator.leave()
    }
    await stage.client.must([...installer, 'uninstall', '--prefix', prefix])
  })
})
