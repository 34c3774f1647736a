import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults, Result } from 'axe-core'
import type { RunningApp } from './launch'
import { picturesFolder } from './stage'

declare global {
  /** What is put into the page beside the app. */
  interface Window {
    readonly axe?: { run(): Promise<AxeResults> }
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Takes a picture of what the window shows, in light and in dark (`out/NAME-light.png`, `out/NAME-dark.png`), and
 * answers what stands in the way of people who cannot see or point, in each.
 */
export async function lookAt({ electron, page }: RunningApp, name: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const theme of ['light', 'dark'] as const) {
    await electron.evaluate(({ nativeTheme }, source) => {
      nativeTheme.themeSource = source
    }, theme)
    await page.waitForFunction(
      (dark) => matchMedia('(prefers-color-scheme: dark)').matches === dark,
      theme === 'dark',
    )
    await settle(page)
    await page.screenshot({ path: join(picturesFolder, `${name}-${theme}.png`) })
    problems.push(...(await seriousProblems(page)).map((problem) => `${name}, ${theme}: ${problem}`))
  }
  await electron.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = 'light'
  })
  return problems
}

/** Waits until nothing moves: a picture of a sheet half way in shows nobody anything. */
async function settle(page: RunningApp['page']): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      return playState !== 'running' || effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY
    }),
  )
}

async function seriousProblems(page: RunningApp['page']): Promise<string[]> {
  // By the debugger, as the page's own policy lets no foreign script in.
  await page.evaluate(axe)
  const results = await page.evaluate(() =>
    window.axe ? window.axe.run() : Promise.reject(new Error('axe is not in the page')),
  )
  const isSerious = ({ impact }: Result) => impact === 'serious' || impact === 'critical'
  return results.violations
    .filter(isSerious)
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(' ')).join(', ')}`)
}
