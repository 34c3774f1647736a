import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchApp, type RunningApp } from './launch'
import { openStage, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayPanel } from './tray-panel'

describe.skipIf(!stageFile())('tray', () => {
  let stage: Stage
  let panel: TrayPanel
  let app: RunningApp

  beforeAll(async () => {
    stage = await openStage()
    app = await launchApp(stage)
  })
  afterAll(async () => {
    await app?.close()
    panel?.close()
  })

  it('appears when a panel appears after the app', async () => {
    panel = await openTrayPanel(stage.busAddress)
    const item = await panel.item()
    expect(await item.tooltip()).toBe('Millwright: No builders yet')
    expect((await item.menu()).filter((entry) => !entry.separator).map(({ label }) => label)).toEqual([
      'No builders yet',
      'Add builder…',
      'Open Millwright',
      'Quit',
    ])
    console.log(await item.icon())
    await app.page.screenshot({ path: '/tmp/shell/w.png' })
  })
})
