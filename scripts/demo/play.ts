import { once } from 'node:events'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { StepView } from '../../contract/job'
import type { DeltaText, SnapshotDelta } from '../../contract/snapshot-delta'
import { formatDuration } from '../../core/text/format'
import { stepLine } from '../../main/terminal/text/step-line'
import { seatAdministrator } from '../../test/e2e/administrator'
import { launchApp } from '../../test/e2e/launch'
import { projectRoot } from '../../test/e2e/set-stage'
import { openStage, type Stage } from '../../test/e2e/stage'
import { nodeOnHost, projectOnHost } from '../../test/world/fleet/on-host'
import { derivation } from '../../test/world/kit/derivation'
import { electronRuntime } from '../runtime.mjs'
import { builder } from './run'

const screen = process.env.MILLWRIGHT_DEMO_SCREEN
const say = (text: string) => console.log(text)

try {
  await play(process.argv.includes('--keep'))
} catch (error) {
  console.error(`demo: ${(error as Error).message}`)
  process.exitCode = 1
}

/** Adds the builder by the window, builds there as an ordinary user, and shows all of it. */
async function play(keep: boolean): Promise<void> {
  const stage = await openStage()
  const install = [nodeOnHost, `${projectOnHost}/out/main/cli.js`, 'helper', 'install']
  await stage.client.must(install)
  const boss = await seatAdministrator(stage)
  const { version, fallback } = electronRuntime()
  say(`\nStart the app as dev, ${screen ? `on your display ${screen}` : 'on a virtual display'}`)
  say(`  Electron ${version}${fallback ? ' (a stand-in from 2023, for development only)' : ''}`)
  const app = await launchApp(stage)
  try {
    await addByWindow(app.page)
    const actions = [...new Set(boss.asked())].join(', ')
    say(`  An administrator was asked for ${actions} and typed a password.`)
    if (!screen) say(`  Screenshot: ${await picture(app.page)}`)
    await buildAsDev(stage)
    if (keep) await linger(app.page)
  } finally {
    await app.close().catch(() => undefined)
    boss.leave()
  }
}

/** Clicks and types as a person would, and tells each step as the app tells it to its window. */
async function addByWindow(page: Page): Promise<void> {
  say(`\nAdd easy@${builder} in the window`)
  await page.exposeFunction('tellStep', (step: StepView) => say(`  ${stepLine(step)}`))
  await page.evaluate(() => {
    const told = new Set<string>()
    const { tellStep, millwright } = window as unknown as {
      tellStep(step: StepView): void
      millwright: { onDelta(listener: (delta: DeltaText) => void): void }
    }
    millwright.onDelta((text) => {
      const { set } = (JSON.parse(text) as SnapshotDelta).parts
      for (const step of (set.jobs ?? []).flatMap(({ steps }) => steps)) {
        if (step.state === 'waiting' || step.state === 'running' || told.has(step.name)) continue
        told.add(step.name)
        tellStep(step)
      }
    })
  })
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await page.getByRole('button', { name: 'Add builder', exact: true }).first().click()
  await page.getByLabel(/machine you can log in to/).fill(`easy@${builder}`)
  await click('Connect')
  await page.getByText(`Is this really ${builder}?`).waitFor()
  say('  ? Is this its key? The window shows the fingerprint; answered: it is the same')
  await click('It is the same')
  await page.getByText(`Set up ${builder} as a builder?`).waitFor()
  say('  ? Set it up? The window shows every change and the script; answered: yes')
  await click('Set it up')
  const proof = page.getByText(new RegExp(`^Built on ${builder} in`))
  const failure = page.getByRole('alert')
  await proof.or(failure).first().waitFor({ timeout: 60_000 })
  if (!(await proof.isVisible())) throw new Error((await failure.first().textContent()) ?? '')
  say(`  ${await proof.textContent()}`)
}

async function picture(page: Page): Promise<string> {
  const path = join(projectRoot, 'out/demo.png')
  await page.screenshot({ path })
  return path
}

/** `dev` is no trusted user of Nix; `-j0` forbids to build on the client itself. */
async function buildAsDev({ client, desktop }: Stage): Promise<void> {
  say('\nBuild something as dev, an ordinary user, with nothing allowed to build here')
  await client.writeFile('/home/dev/hello.nix', derivation({ name: 'hello' }), { owner: 'dev' })
  const command = ['nix-build', '-j0', '--no-out-link', 'hello.nix']
  say(`  dev@client$ ${command.join(' ')}`)
  const start = performance.now()
  const { code, stdout, stderr } = await desktop.exec(command, { cwd: '/home/dev', timeoutMs: 60_000 })
  if (code !== 0) throw new Error(stderr)
  const host = (await client.readFile(stdout.trim())).trim()
  if (host !== builder) throw new Error(`built on ${host}`)
  say(`  ${stdout.trim()}`)
  say(`  It ran on ${host}, as its output says, and took ${formatDuration(performance.now() - start)}.`)
}

async function linger(page: Page): Promise<void> {
  say(`
Kept, to look around. In another terminal:
  npm run world -- sh client dev       a shell at the desk (try: nix-build -j0 hello.nix)
  npm run world -- sh ${builder}            the builder, as root
Ctrl-C here, or closing the app, ends it and removes both hosts.`)
  await Promise.race([
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
    page.waitForEvent('close', { timeout: 0 }),
  ])
}
