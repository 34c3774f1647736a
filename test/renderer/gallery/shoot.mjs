/**
 * Looks at every scene of the gallery, light and dark: pictures go to out/gallery-shots, serious findings of
 * axe and every violation of the content security policy are printed and fail the run.
 * Usage: node test/renderer/gallery/shoot.mjs [SCENE…]; CHROMIUM names the browser.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'

const configFile = 'test/renderer/gallery/vite.config.ts'
const root = 'test/renderer/gallery'
const out = 'out/gallery-shots'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What to click, scene by scene, before looking. */
const clicks = {
  computer: ['This computer'],
  remove: ['What to do with anna', 'Remove…'],
  'choose-options': ['More options'],
  'modes-open': [/^Build only remotely: for me/],
  'row-menu': ['What to do with anna'],
  'pause-menu': ['Pause'],
  offer: ['Use its builds, for me'],
  'builder-day': ['Last day'],
  'builds-log': ['Log'],
  proof: [/^What was changed/],
  'ask-approve-plan': ['Show what will be done'],
}

/** Also looked at narrow, and as narrow as a window twice as large makes it: 960 by 640 at 200 %. */
const narrow = [
  'several',
  'builds',
  'settings',
  'many',
  'overridden',
  'builder',
  'builder-suspended',
  'modes-open',
  'computer',
]

/** Looked at as a whole, in a window as high as nobody has. */
const tall = { 'several-tall': 1280, 'builder-tall': 1560 }

mkdirSync(out, { recursive: true })
await build({ configFile, root, logLevel: 'error' })
const server = await preview({ configFile, root, preview: { port: 0 } })
const url = server.resolvedUrls?.local[0] ?? ''
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
})
const findings = []
try {
  const index = await browser.newPage()
  await index.goto(url)
  const all = await index.getByRole('link').allTextContents()
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : all
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme, bypassCSP: false, reducedMotion: 'reduce' })
    for (const scene of wanted) {
      for (const width of narrow.includes(scene) ? [960, 720, 480] : [960]) {
        await look(context, scene, colorScheme, width)
      }
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.close()
}
for (const finding of new Set(findings)) console.error(finding)
process.exitCode = findings.length > 0 ? 1 : 0

async function look(context, scene, colorScheme, width) {
  const page = await context.newPage()
  const at = `${scene} ${colorScheme} ${width}`
  await page.setViewportSize({ width, height: tall[scene] ?? 640 })
  page.on('console', (message) => {
    if (message.type() === 'error') findings.push(`${at}: ${message.text()}`)
  })
  page.on('pageerror', (error) => findings.push(`${at}: ${error.message}`))
  await page.goto(`${url}?scene=${scene}`)
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached', timeout: 120_000 })
  for (const name of clicks[scene] ?? []) {
    await page.getByText(name).or(page.getByLabel(name)).filter({ visible: true }).first().click()
  }
  // Charts come in a file of their own.
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)))
  await page.screenshot({ path: `${out}/${scene}-${colorScheme}${width === 960 ? '' : `-${width}`}.png` })
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  for (const { id, impact, nodes } of violations) {
    if (impact !== 'serious' && impact !== 'critical') continue
    findings.push(
      `${at}: ${impact} ${id}: ${nodes
        .map(({ html }) => html.slice(0, 160))
        .slice(0, 3)
        .join(' | ')}`,
    )
  }
  await page.close()
}
