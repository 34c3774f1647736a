import { existsSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findRuntime } from '../../../scripts/runtime.mjs'
import { run } from '../fleet/process'

const root = resolve(import.meta.dirname, '../../..')
const canPlay =
  process.getuid?.() === 0 && existsSync(join(root, 'out/main/index.js')) && findRuntime() !== undefined
const name = 'npm run demo (needs root, the set-up and the build: sudo npm test)'

describe.skipIf(!canPlay)(name, { timeout: 180_000 }, () => {
  it('adds a builder in the real app, builds there, shows it, and leaves nothing behind', async () => {
    const picture = join(root, 'out/demo.png')
    rmSync(picture, { force: true })
    // Without its set-up and build, which are what every test here stands on already.
    const play = `import(${JSON.stringify(join(root, 'scripts/demo/run.ts'))})
      .then(({ runDemo }) => runDemo({ keep: false })).then((status) => process.exit(status))`
    const env = { ...process.env, DISPLAY: undefined }
    const demo = run([process.execPath, '--import', 'tsx', '--eval', play], { env, timeoutMs: 150_000 })
    const { code, stdout, stderr } = await demo
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ {2}Built on anna in \d/m)
    expect(stdout).toMatch(/^ {2}It ran on anna/m)
    expect(stdout).toContain(`Screenshot: ${picture}`)
    expect(statSync(picture).size).toBeGreaterThan(10_000)
    expect(stdout).toContain('nothing of them is left')
  })

  it('says how it is used', async () => {
    const { code, stderr } = await run([process.execPath, join(root, 'scripts/demo.mjs'), '--what'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'usage: npm run demo [-- --keep]\n' })
  })
})
