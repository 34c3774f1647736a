import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../world/fleet/process'
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

/** Opens the tray's menu, and in it the first builder's, in a panel that people use (lxqt-panel), and takes a picture (`out/tray-menu.png`). */
export async function photographTray({ client, desktop }: Stage, { electron }: RunningApp): Promise<void> {
  await electron.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = 'dark' // As the panel is, which has no theme here.
  })
  await client.writeFile('/home/dev/.config/lxqt/panel.conf', config)
  await client.must(['chown', '-R', 'dev:', '/home/dev/.config'])
  const env = { ...desktop.env, XDG_CURRENT_DESKTOP: 'LXQt' }
  await client.start('lxqt-panel', ['lxqt-panel'], { user: 'dev', env })
  try {
    const shot = async (region: string) => {
      const { stdout } = await desktop.exec([
        'sh',
        '-c',
        `import -window root -crop ${region} png:- | base64`,
      ])
      return stdout
    }
    const key = (...words: string[]) => desktop.exec(['xdotool', ...words])
    /** Whether a part of the screen shows something else than before, painted to its end. */
    const shows = async (region: string, before: string) => {
      const now = await shot(region)
      return now !== before && now === (await shot(region))
    }
    const [menu, submenu] = ['130x90+10+40', '130x80+190+58']
    const without = { menu: await shot(menu), submenu: await shot(submenu) }
    await until('the menu with the first builder’s own', async () => {
      await key('key', 'Escape', 'key', 'Escape', 'mousemove', '17', '17', 'click', '3')
      if (!(await shows(menu, without.menu))) return false
      await key('key', 'Down', 'key', 'Right')
      return await shows(submenu, without.submenu)
    })
    writeFileSync(join(picturesFolder, 'tray-menu.png'), Buffer.from(await shot('560x240+0+0'), 'base64'))
    await key('key', 'Escape', 'key', 'Escape')
  } finally {
    await client.exec(['pkill', '-x', 'lxqt-panel'])
    await electron.evaluate(({ nativeTheme }) => {
      nativeTheme.themeSource = 'light'
    })
  }
}
