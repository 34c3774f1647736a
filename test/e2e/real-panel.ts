import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../world/process'
import type { RunningApp } from './launch'
import { picturesFolder, type Stage } from './stage'

const config = `panels=panel1

[panel1]
alignment=-1
iconSize=22
panelSize=34
plugins=statusnotifier
position=Top
width=100
width-percent=true

[statusnotifier]
alignment=Left
type=statusnotifier
`

/** A panel that people use; `apt-get install lxqt-panel` brings it. */
export const hasRealPanel = existsSync('/usr/bin/lxqt-panel')

/** Opens the tray's menu, and in it the first builder's, in a real panel, and takes a picture (`out/tray-menu.png`). */
export async function photographTray({ client, desktop }: Stage, { electron }: RunningApp): Promise<void> {
  await electron.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = 'dark' // As the panel is, which has no theme here.
  })
  await client.writeFile('/home/dev/.config/lxqt/panel.conf', config)
  await client.must(['chown', '-R', 'dev:', '/home/dev/.config'])
  const env = { ...desktop.env, XDG_CURRENT_DESKTOP: 'LXQt' }
  await client.start('lxqt-panel', ['lxqt-panel'], { user: 'dev', env })
  try {
    const shot = async () => {
      const crop = 'import -window root -crop 440x280+0+0 png:- | base64'
      return (await desktop.exec(['sh', '-c', crop])).stdout
    }
    /** Does something until the screen shows it. */
    const see = async (what: string, ...words: string[]) => {
      const before = await shot()
      await until(what, async () => {
        await desktop.exec(['xdotool', ...words])
        return (await shot()) !== before
      })
    }
    await see('the menu', 'mousemove', '17', '17', 'click', '3')
    await see('the first builder chosen', 'key', 'Down')
    await see('its own menu', 'key', 'Right')
    writeFileSync(join(picturesFolder, 'tray-menu.png'), Buffer.from(await shot(), 'base64'))
    await desktop.exec(['xdotool', 'key', 'Escape', 'key', 'Escape'])
  } finally {
    await client.exec(['pkill', '-x', 'lxqt-panel'])
    await electron.evaluate(({ nativeTheme }) => {
      nativeTheme.themeSource = 'light'
    })
  }
}
