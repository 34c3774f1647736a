import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeOnHost, projectOnHost } from '../world/fleet/on-host'
import { until } from '../world/fleet/process'
import { derivation } from '../world/kit/derivation'
import { type Administrator, seatAdministrator } from './administrator'
import { launchApp, type RunningApp } from './launch'
import { lookAt } from './pictures'
import { photographTray } from './real-panel'
import { openStage, type Stage, stageFile } from './stage'
import { openTrayPanel, type TrayItem, type TrayPanel } from './tray-panel'

declare global {
  /** What is put into the page beside the app. */
  interface Window {
    readonly snapshots?: readonly string[]
  }
}

/** From nothing but a login to a proven builder and back, as a person does it: by tray, window and passwords. */
describe.skipIf(!stageFile())('adding a builder', () => {
  let stage: Stage
  let panel: TrayPanel
  let item: TrayItem
  let boss: Administrator
  let app: RunningApp
  const problems: string[] = []
  const look = async (name: string) => void problems.push(...(await lookAt(app, name)))
  const go = (place: string) => app.page.getByRole('navigation').getByText(place).click()
  const button = (name: string | RegExp) => app.page.getByRole('button', { name, exact: true })

  beforeAll(async () => {
    stage = await openStage()
    await stage.client.must(['sh', '-c', 'rm /home/dev/.ssh/id_*']) // Nothing opens the door but a password.
    panel = await openTrayPanel(stage.busAddress)
    boss = await seatAdministrator(stage)
    app = await launchApp(stage)
    item = await panel.item()
  })
  afterAll(async () => {
    await app?.close()
    boss?.leave()
    panel?.close()
  })

  it('says that the helper is missing, and how to install it', async () => {
    await app.page.getByText('Millwright’s helper is not installed').waitFor()
    await look('helper-missing')
    const install = [nodeOnHost, `${projectOnHost}/out/main/cli.js`, 'helper', 'install']
    await stage.client.must(install, { cwd: '/root' })
    await go('This computer')
    await button('Look again').click()
    await app.page.getByText('polkit asks an administrator').waitFor()
    await app.page.getByText('Millwright’s helper is not installed').waitFor({ state: 'hidden' })
    await look('computer-before')
    await go('Builders')
    await look('empty')
  })

  it('begins in the tray', async () => {
    await app.page.evaluate(() => {
      const snapshots: string[] = []
      Object.assign(window, { snapshots })
      window.millwright.onDelta((delta) => snapshots.push(delta))
    })
    expect(await item.tooltip()).toBe('Millwright: No builders yet')
    await item.click('Add builder…')
    await app.page.getByText('Add a builder').waitFor()
    await look('add')
  })

  it('asks whether the host key is right before anything secret', async () => {
    await app.page.getByLabel(/machine you can log in to/).fill('admin@otto')
    await button('Connect').click()
    await app.page.getByText('Is this really otto?').waitFor()
    const { stdout } = await stage.host('otto').sh('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    await app.page.getByText(stdout.split(' ')[1] ?? 'no fingerprint').waitFor()
    await look('question-host-key')
    await button('It is the same').click()
  })

  it('asks for the password of the login', async () => {
    await app.page.getByText('otto asks for admin’s password.').waitFor()
    await look('question-password')
    await app.page.getByLabel('Password of admin', { exact: true }).fill('not it')
    await button('Log in').click()
    await app.page.getByText('otto refused that. Is the name admin right?').waitFor()
    await look('question-password-again')
    await app.page
      .getByLabel('Password of admin', { exact: true })
      .fill(stage.credentials.passwords.admin ?? '')
    await button('Log in').click()
  })

  it('shows what it would do, and asks for the sudo password with the approval', async () => {
    await app.page.getByText('Set up otto as a builder?').waitFor()
    await look('question-plan')
    await button('Show what will be done').click()
    await app.page.getByText('The script that runs on otto').waitFor()
    await look('question-plan-open')
    expect(boss.asked()).toEqual([])
    await app.page
      .getByLabel('Password of admin', { exact: true })
      .fill(stage.credentials.passwords.admin ?? '')
    await button('Set it up').click()
  })

  it('ends with the proof: a real build over there', async () => {
    await app.page.getByText(/^Built on otto in/).waitFor({ timeout: 60_000 })
    await app.page.getByRole('heading', { name: 'otto is a builder now' }).waitFor()
    await look('proof')
    expect(new Set(boss.asked())).toEqual(new Set(['org.millwright.configure']))
    await button('Done').click()
  })

  it('shows the builder in the tray', async () => {
    await until(
      'the builder in the tray',
      async () => (await item.tooltip()) === 'Millwright: 1 builder ready',
    )
    const submenu = (await item.menu()).find(({ label }) => label === 'otto: ready')
    expect(submenu?.children.filter(({ separator }) => !separator).map(({ label }) => label)).toEqual([
      'Use as substituter…',
      'Pause',
      'Send a test build',
      'Free space…',
      'Show',
    ])
  })

  it('lets any user of this computer build there', async () => {
    expect(await buildAsDev(['-j0'])).toEqual({ code: 0, said: '', on: 'otto' })
  })

  /** Builds something new as the person at the screen; returns the host that did. */
  async function buildAsDev(options: readonly string[]) {
    // Nix builds this one here unless nothing may be built here.
    const text = derivation({ name: 'by-dev' }).replace('{', '{ preferLocalBuild = true;')
    await stage.client.writeFile('/tmp/by-dev.nix', text)
    const build = ['nix-build', ...options, '--no-out-link', '/tmp/by-dev.nix']
    const { stdout, stderr, code } = await stage.desktop.exec(build, { cwd: '/home/dev', timeoutMs: 60_000 })
    const on = code === 0 ? (await stage.client.readFile(stdout.trim())).trim() : ''
    return { code, said: code === 0 ? '' : stderr, on }
  }

  it('shows a builder that was added in a terminal meanwhile', async () => {
    const options = ['--password-stdin', '--trust-new-host-key', '--yes']
    const add = [nodeOnHost, `${projectOnHost}/out/main/cli.js`, 'add', 'easy@anna', ...options]
    const input = `${stage.credentials.passwords.easy}\n`
    const { code, stdout, stderr } = await stage.desktop.exec(add, { input, timeoutMs: 60_000 })
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' })
    await go('This computer')
    await button('Look again').click()
    await until('both builders', async () => (await item.tooltip()) === 'Millwright: All 2 builders ready')
    await go('Builders')
    await look('builders')
  })

  it('shows the same menu in a panel that people use', async () => {
    panel.close()
    try {
      await photographTray(stage, app)
    } finally {
      panel = await openTrayPanel(stage.busAddress)
      item = await panel.item()
    }
  })

  it('pauses and resumes from the tray, without a password', async () => {
    const asked = boss.asked().length
    await item.click('otto', 'Pause', 'Until I resume')
    await until('the pause', async () => (await item.tooltip()) === 'Millwright: 1 of 2 builders ready')
    await look('builders-paused')
    await item.click('otto', 'Resume')
    await until(
      'the end of the pause',
      async () => (await item.tooltip()) === 'Millwright: All 2 builders ready',
    )
    expect(boss.asked()).toHaveLength(asked)
  })

  it('builds only remotely for me by one click in the tray, from the next build on', async () => {
    expect(await buildAsDev([])).toMatchObject({ on: 'client' })
    await item.click('Build only remotely')
    const mode = () => app.page.getByRole('switch', { name: 'Build only remotely' })
    await until('the mode in the window', async () => (await mode().getAttribute('aria-checked')) === 'true')
    await look('remote-only')
    expect((await buildAsDev([])).on).toMatch(/^(otto|anna)$/)
    await item.click('Build only remotely')
    await until('the end of the mode', async () => (await mode().getAttribute('aria-checked')) === 'false')
    expect(await buildAsDev([])).toMatchObject({ on: 'client' })
  })

  it('makes a builder a substituter after saying what that means', async () => {
    await item.click('anna', 'Show')
    await app.page.getByRole('switch', { name: 'Use anna as substituter for me' }).click()
    await app.page.getByRole('heading', { name: 'Fetch what anna has built?' }).waitFor()
    await look('substituter-offer')
    await button('Make the key').click()
    await button('Log in').waitFor()
    await app.page
      .getByLabel('Password of easy', { exact: true })
      .fill(stage.credentials.passwords.easy ?? '')
    await button('Log in').click()
    const used = app.page.getByRole('switch', { name: 'Use anna as substituter for me' })
    await until('the substituter', async () => (await used.getAttribute('aria-checked')) === 'true', 60_000)
    await look('substituter')
    const shown = await stage.desktop.exec([
      'nix',
      '--extra-experimental-features',
      'nix-command',
      'show-config',
    ])
    expect(shown.stdout).toMatch(/^substituters = .*ssh-ng:\/\/millwright-anna/m)
    await untilIdle('anna')
  })

  it('sends a test build from the tray', async () => {
    await item.click('otto', 'Show')
    await app.page.getByText('As Nix sees it').waitFor()
    const output = app.page.getByText(/^\/nix\/store\/.*/).last()
    const before = await output.textContent()
    await item.click('otto', 'Send a test build')
    await until('another proof', async () => (await output.textContent()) !== before, 30_000)
    await untilIdle('otto')
    await look('builder')
    await go('This computer')
    await app.page.getByText('What Millwright wrote here').waitFor()
    await look('computer')
  })

  it('removes builders on both sides', async () => {
    await remove('otto', { 'Log in': 'admin', Continue: 'admin' }, 'remove')
    await until('one builder', async () => (await item.tooltip()) === 'Millwright: 1 builder ready')
    await remove('anna', { 'Log in': 'easy' })
    await app.page
      .getByText('No builders yet. Everything builds on this computer.')
      .waitFor({ timeout: 60_000 })
    for (const name of ['otto', 'anna']) {
      expect((await stage.host(name).exec(['id', 'nixremote'])).code).not.toBe(0)
    }
    expect((await stage.client.exec(['test', '-e', '/etc/nix/millwright'])).code).not.toBe(0)
  })

  /** On a machine that has much else to do, a builder is slow and says so. */
  async function untilIdle(id: string) {
    const idle = [`${id}: ready`, `${id}: slow`]
    await until('an idle builder', async () => (await item.menu()).some(({ label }) => idle.includes(label)))
  }

  /** As a person does: by the menu of the builder's page, typing the password of a login for each question. */
  async function remove(id: string, passwords: Readonly<Record<string, string>>, picture?: string) {
    await item.click(id, 'Show')
    await button(`What to do with ${id}`).click()
    await app.page.getByRole('menuitem', { name: 'Remove…' }).click()
    await app.page.getByRole('heading', { name: `Remove ${id}?` }).waitFor()
    if (picture) await look(picture)
    await button('Remove on both sides').click()
    for (const [yes, login] of Object.entries(passwords)) {
      await button(yes).waitFor()
      await app.page
        .getByLabel(`Password of ${login}`, { exact: true })
        .fill(stage.credentials.passwords[login] ?? '')
      await button(yes).click()
    }
    const done = { name: `${id} is no longer a builder` }
    await app.page.getByRole('heading', done).waitFor({ timeout: 60_000 })
    if (picture) await look(`${picture}d`)
    await button('Done').click()
  }

  it('never lets a password out: not in a snapshot, a file, a command line or an environment', async () => {
    const { admin, easy, boss: administrator } = stage.credentials.passwords
    const secrets = [admin, easy, administrator].filter((secret) => secret !== undefined)
    const snapshots = await app.page.evaluate(() => window.snapshots ?? [])
    expect(snapshots.length).toBeGreaterThan(10)
    expect(secrets.filter((secret) => snapshots.some((snapshot) => snapshot.includes(secret)))).toEqual([])
    for (const host of [stage.client, stage.host('otto'), stage.host('anna')]) {
      const places =
        '/etc /home /root /run /tmp /var /nix/var /dev/shm /proc/[0-9]*/environ /proc/[0-9]*/cmdline'
      const { stdout } = await host.sh(`grep -rlsaF -D skip --exclude-dir='electron-*' -f - ${places}`, {
        input: `${secrets.join('\n')}\n`,
      })
      expect({ host: host.name, found: stdout }).toEqual({ host: host.name, found: '' })
    }
  })

  it('keeps every screen usable for everybody', () => {
    expect(problems).toEqual([])
  })
})
