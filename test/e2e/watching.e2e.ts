import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeOnHost, projectOnHost } from '../world/fleet/on-host'
import { type Finished, until } from '../world/fleet/process'
import { derivation, writeBuildersName } from '../world/kit/derivation'
import { type Administrator, seatAdministrator } from './administrator'
import { addBuilders, removeBuilders } from './builders'
import { launchApp, type RunningApp } from './launch'
import { lookAt } from './pictures'
import { openStage, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayItem, type TrayPanel } from './tray-panel'

const names = ['otto', 'anna'] as const
const builds = ['linux-6.18.44', 'openssl-3.4.1', 'hello-2.12.1'] as const

/** How builders do and what they build, as the window and the tray tell. */
describe.skipIf(!stageFile())('watching', () => {
  let stage: Stage
  let panel: TrayPanel
  let item: TrayItem
  let boss: Administrator
  let app: RunningApp
  const started: Promise<Finished>[] = []
  const problems: string[] = []
  const look = async (name: string) => void problems.push(...(await lookAt(app, name)))
  const go = (place: string) => app.page.getByRole('navigation').getByText(place).click()
  const button = (name: string | RegExp) => app.page.getByRole('button', { name, exact: true })
  const tooltip = async (pattern: RegExp, deadlineMs = 20_000) =>
    await until(`${pattern} in the tray`, async () => pattern.test(await item.tooltip()), deadlineMs)
  /** Builds that end when they are let, by name. */
  const build = async (user: string, wanted: readonly string[]) => {
    for (const name of wanted)
      for (const place of names) await stage.host(place).must(['mkfifo', '-m', '666', `/tmp/go-${name}`])
    const texts = wanted.map(
      (name) => `(${derivation({ name, script: `read -r line </tmp/go-${name}; ${writeBuildersName}` })})`,
    )
    await stage.client.writeFile(`/tmp/${user}.nix`, `[ ${texts.join('\n')} ]`)
    const argv = ['nix-build', '--no-out-link', '-j0', `/tmp/${user}.nix`]
    started.push(stage.client.exec(argv, { user, timeoutMs: 110_000 }))
  }
  const drop = async (name: string) => {
    for (const place of names)
      await stage.host(place).start('letting-go', ['sh', '-c', `echo >/tmp/go-${name}`])
  }
  const start = async () => {
    app = await launchApp(stage)
    item = await panel.item()
  }

  beforeAll(async () => {
    stage = await openStage()
    boss = await seatAdministrator(stage)
    await addBuilders(stage, names)
    panel = await openTrayPanel(stage.busAddress)
    await start()
  })
  afterAll(async () => {
    await Promise.all(builds.map(drop))
    await stage?.host('otto').startSshd()
    await app?.close()
    await removeBuilders(stage, names)
    boss?.leave()
    panel?.close()
  })

  it('shows in one look that builds will go where they should', async () => {
    await tooltip(/^Millwright: All 2 builders ready$/)
    await app.page
      .getByText(/^(\d+) ms|\d\.\d ms$/)
      .first()
      .waitFor()
    await look('watching')
  })

  it('leaves its word for each builder to a terminal beside it', async () => {
    const path = '/home/dev/.local/share/millwright/told.json'
    const { builders } = JSON.parse(await stage.client.readFile(path))
    expect(Object.keys(builders).sort()).toEqual(['anna', 'otto'])
    // A word that no look of the terminal's own could find out.
    await stage.desktop.exec(['sed', '-i', 's/"state":"[a-z-]*"/"state":"nix-broken"/g', path])
    const list = await stage.desktop.exec([nodeOnHost, `${projectOnHost}/out/main/cli.js`, 'list'])
    for (const name of names) expect(list.stdout).toMatch(new RegExp(`^${name} +Nix broken `, 'm'))
  })

  it('shows what is built where, for whom and since when', async () => {
    await build('dev', builds.slice(0, 2))
    await build('boss', builds.slice(2))
    await tooltip(/ 3 builds/)
    await look('watching-builds')
    await go('Builds')
    for (const name of builds) await app.page.getByText(name, { exact: true }).waitFor()
    const list = app.page.getByRole('list', { name: 'Running builds' })
    await list.getByText('building', { exact: true }).nth(2).waitFor()
    const rows = await list.getByRole('listitem').allInnerTexts()
    for (const [index, name] of builds.entries()) {
      const row = rows.find((text) => text.includes(name)) ?? ''
      expect(row).toMatch(/otto|anna/)
      expect(row).toContain(index < 2 ? 'dev' : 'boss')
      expect(row).toMatch(/\d+ s/)
    }
    await look('builds')
    await list
      .getByText(/otto|anna/)
      .first()
      .click()
    await app.page.getByText('Building now').waitFor()
    await app.page.getByText('Time to answer').waitFor()
    await look('builder-watching')
  })

  it('lets them go when they are done, and keeps how long they took', async () => {
    await go('Builds')
    for (const name of builds) await drop(name)
    expect((await Promise.all(started)).map(({ code }) => code)).toEqual([0, 0])
    await app.page.getByText('Nothing builds.').waitFor()
    const finished = app.page.getByRole('list', { name: 'Finished builds' })
    const rows = await finished.getByRole('listitem').allInnerTexts()
    for (const name of builds) expect(rows.some((text) => text.includes(name))).toBe(true)
    await look('builds-finished')
    await tooltip(/^Millwright: All 2 builders ready$/)
  })

  it('tells which builder is gone, and why', async () => {
    await go('Builders')
    await stage.host('otto').stopSshd()
    await tooltip(/^Millwright: 1 of 2 builders ready(.*\n)+otto: /)
    await app.page
      .getByText(/^Suspended/)
      .first()
      .waitFor()
    await look('watching-lost')
    await stage.host('otto').startSshd()
    await tooltip(/^Millwright: All 2 builders ready$/, 60_000)
  })

  it('says that Nix does not use them when a line of ours is lost, and puts it back with one press', async () => {
    const ours = '/etc/nix/millwright/current/nix.conf'
    const restart = 'systemctl restart nix-daemon.service'
    await stage.client.must(['sh', '-c', `sed -i '\\|${ours}|d' /etc/nix/nix.conf && ${restart}`])
    await tooltip(/otto: not used, and 1 more|anna: not used, and 1 more/)
    await go('Builders')
    await look('not-used-line')
    await item.click('anna', 'Show')
    await app.page.getByText('Nix does not use anna: Millwright’s line is gone', { exact: true }).waitFor()
    await look('not-used')
    const asked = boss.asked().length
    await button('Put the line back').click()
    // A line below the first would say that something is wrong.
    await tooltip(/^Millwright: .*$/, 60_000)
    expect(boss.asked().length).toBe(asked + 1)
    expect(await stage.client.readFile('/etc/nix/nix.conf')).toContain(ours)
    await app.page
      .getByText(/Nix does not use anna/)
      .first()
      .waitFor({ state: 'detached' })
    await stage.client.writeFile('/tmp/back.nix', derivation())
    const argv = ['nix-build', '--no-out-link', '-j0', '/tmp/back.nix']
    const { code, stdout } = await stage.client.exec(argv, { user: 'dev', timeoutMs: 60_000 })
    expect(code).toBe(0)
    expect(names).toContain((await stage.client.readFile(stdout.trim())).trim())
  })

  it('frees space after saying what would go', async () => {
    const junk =
      'for i in 1 2 3; do head -c 2000000 /dev/urandom >/tmp/old-$i; nix-store --add /tmp/old-$i; done'
    await stage.host('anna').must(['sh', '-c', junk])
    await go('Builders')
    await button('What to do with anna').click()
    await app.page.getByRole('menuitem', { name: 'Free space…' }).click()
    await app.page.getByText(/^Delete \d+ store paths on anna\?$/).waitFor()
    await look('free-space')
    await button(/^Free /).click()
    await app.page
      .getByText(/^freed \d/)
      .first()
      .waitFor({ timeout: 60_000 })
    await look('free-space-done')
  })

  it('keeps the charts while it is not there', async () => {
    await app.close()
    await start()
    await item.click('anna', 'Show')
    await app.page.getByText('Last hour').waitFor()
    const points = await app.page.evaluate(async () => {
      const reply = await window.millwright.call('get-series', { id: 'anna', span: 'hour' })
      return reply.ok ? JSON.stringify(reply.value) : ''
    })
    expect(points).not.toBe('')
    await app.page.getByText('Time to answer').waitFor()
    await look('charts-again')
  })

  it('has a screen for what it does by itself', async () => {
    await go('Settings')
    await app.page.getByText('Changes hold at once').waitFor()
    await look('settings')
  })

  it('keeps every screen usable for everybody', () => {
    expect(problems).toEqual([])
  })
})
