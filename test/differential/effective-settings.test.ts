import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyUserSettings } from '../../core/nix/user-conf'
import { readEffectiveSettings } from '../../main/adapters/nix/effective-settings'
import { createUserConf } from '../../main/adapters/nix/user-conf'
import { nixVersion } from './nix-sandbox'
import { hasProgram, run, temporaryFolder } from './programs'

const line = fc.constantFrom(
  ...['max-jobs = 2', 'max-jobs = 0', 'build-max-jobs = 3', 'builders = ssh://x', 'builders =', 'cores = 1'],
  ...['# max-jobs = 9', '', '!include more', '!include none'],
)
const lines = fc.array(line, { maxLength: 5 }).map((all) => all.join('\n'))
const layers = fc.record({
  system: lines,
  more: fc.array(fc.constantFrom('max-jobs = 5', 'builders = ssh://more', ''), { maxLength: 2 }),
  xdg: lines,
  own: lines,
  listed: fc.option(lines, { nil: undefined, freq: 3 }),
  // Nix follows no relative include out of a variable.
  variable: fc.option(
    lines.filter((text) => !text.includes('include')),
    { nil: undefined, freq: 2 },
  ),
})

function layout() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  for (const name of ['conf', 'xdg/nix', 'home/.config/nix', 'store', 'state']) {
    mkdirSync(at(name), { recursive: true })
  }
  const env = {
    PATH: process.env.PATH,
    HOME: at('home'),
    NIX_CONF_DIR: at('conf'),
    XDG_CONFIG_DIRS: at('xdg'),
    NIX_STORE_DIR: at('store'),
    NIX_STATE_DIR: at('state'),
    NIX_LOG_DIR: at('log'),
    NIX_REMOTE: '',
  }
  return { at, env }
}

function nixPath(): string {
  return run('/bin/sh', ['-c', 'command -v nix']).stdout.trim()
}

describe.skipIf(!nixVersion || !hasProgram('nix'))(
  'what the Nix of this machine makes of all layers',
  { timeout: 60_000 },
  () => {
    it('is read back from it, and the line that we name is the one that decides, 100 times', async () => {
      const { at, env } = layout()
      const write = (name: string, text: string) => writeFileSync(at(name), text)
      let named = 0
      await fc.assert(
        fc.asyncProperty(layers, async ({ system, more, xdg, own, listed, variable }) => {
          write('conf/nix.conf', system)
          for (const place of ['conf', 'xdg/nix', 'home/.config/nix']) write(`${place}/more`, more.join('\n'))
          write('xdg/nix/nix.conf', xdg)
          write('home/.config/nix/nix.conf', own)
          write('listed', listed ?? '')
          const environment = {
            ...env,
            ...(listed === undefined ? {} : { NIX_USER_CONF_FILES: at('listed') }),
            ...(variable === undefined ? {} : { NIX_CONFIG: variable }),
          }
          const seen = await readEffectiveSettings(nixPath(), at('home'), environment)
          const textOf = (file: string) =>
            file === 'NIX_CONFIG' ? (variable ?? '') : run('cat', [file]).stdout
          const said = (place: (typeof seen.places)['maxJobs']) => {
            if (!place) return undefined
            named++
            return textOf(place.file).split('\n')[place.line - 1]?.split('=')[1]?.trim()
          }
          expect(said(seen.places.maxJobs) ?? '1').toBe(String(seen.maxJobs))
          expect(said(seen.places.builders) ?? `@${at('conf')}/machines`).toBe(seen.builders)
          expect(seen.bypassedBy).toBe(listed === undefined ? undefined : 'NIX_USER_CONF_FILES')
        }),
        { numRuns: 100 },
      )
      expect(named).toBeGreaterThan(50)
    })

    it('follows our switch, and goes back', async () => {
      const { at, env } = layout()
      writeFileSync(at('conf/nix.conf'), 'max-jobs = 3\nbuilders = ssh://x\n')
      const readSettings = () => readEffectiveSettings(nixPath(), at('home'), env)
      const conf = createUserConf({
        folder: at('home/.config/nix'),
        lockBeside: at('data/user-conf'),
        readSettings,
      })
      await conf.update(() => ({
        ...emptyUserSettings,
        remoteOnly: true,
        substituters: ['ssh-ng://millwright-anna'],
      }))
      expect(await readSettings()).toMatchObject({ maxJobs: 0, builders: 'ssh://x' })
      expect((await readSettings()).substituters).toContain('ssh-ng://millwright-anna')
      await conf.update(() => ({ ...emptyUserSettings, localOnly: true }))
      expect(await readSettings()).toMatchObject({ maxJobs: 3, builders: '' })
      await conf.update(() => emptyUserSettings)
      expect(await readSettings()).toMatchObject({ maxJobs: 3, builders: 'ssh://x' })
    })
  },
)
