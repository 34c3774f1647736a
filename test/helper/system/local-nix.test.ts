import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { showConfig } from '../../../helper/system/local-nix'
import { temporarySystem } from '../builder'

const answer = `echo '{"max-jobs":{"value":3}}'`

describe('the settings that Nix shows', () => {
  const system = temporarySystem()
  afterAll(() => rmSync(system.top, { recursive: true }))

  /** Puts a `nix` of our own in front; its words from the third on name what is asked. */
  const shownBy = (name: string, script: string) => {
    const folder = join(system.top, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'nix'), `#!/bin/sh\nshift 2\n${script}\n`, { mode: 0o755 })
    return showConfig(system, { PATH: `${folder}:/usr/bin:/bin` })
  }

  it.each([
    ['show-config', `[ "$*" = "show-config --json" ] && ${answer}`],
    [
      'config show',
      `[ "$*" = "config show --json" ] || { echo "error: '$1' is not a recognised command" >&2; exit 1; }; ${answer}`,
    ],
  ])('are read by %s, whichever this Nix knows', async (name, script) => {
    expect(await shownBy(name.replace(' ', '-or-'), script)).toEqual({ 'max-jobs': 3 })
  })

  it('are refused with Nix’s own words where a file is broken', async () => {
    const broken = shownBy('broken', `echo "error: syntax error in line 'x'" >&2; exit 1`)
    await expect(broken).rejects.toMatchObject({ reason: 'nix-conf-broken' })
  })
})
