import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { WayToRoot } from '../../../../core/nix/installation'
import { type RootTerminal, rootPrefix, tryWays, usableWays } from '../../../../main/adapters/helper/as-root'
import { runProgram } from '../../../../main/adapters/system/run-program'

const folder = mkdtempSync(join(tmpdir(), 'millwright-as-root-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program in the place of one that makes root, which says what the real one says. */
function way(by: 'pkexec' | 'sudo' | 'doas' | 'run0', script: string): WayToRoot {
  const program = join(folder, by)
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return { by, program }
}

const unasked = 'echo "Error executing command as another user: Not authorized" >&2; exit 127'
const opens = (by: string) => `echo "${by} $*"`
const call = (ways: readonly WayToRoot[], terminal: RootTerminal) =>
  tryWays(usableWays(ways, terminal), (one) =>
    runProgram([...rootPrefix(one, terminal), 'helper'], { timeoutMs: 5000 }),
  )

describe('the ways to root', () => {
  it.each<[string, string, RootTerminal, string]>([
    ['polkit lets nobody from here', unasked, 'interactive', 'sudo -- helper'],
    [
      'there is no polkit',
      'echo "Error getting authority: Error initializing authority" >&2; exit 127',
      'silent',
      'sudo -n -- helper',
    ],
  ])('go on to sudo where %s', async (_, script, terminal, said) => {
    const ran = await call([way('pkexec', script), way('sudo', opens('sudo'))], terminal)
    expect(ran?.stdout).toBe(`${said}\n`)
  })

  it('go on to doas, and to run0, where those before are closed to this person', async () => {
    const closed = [
      way('sudo', 'echo "dev is not in the sudoers file." >&2; exit 1'),
      way('doas', 'echo "doas: Operation not permitted" >&2; exit 1'),
    ]
    const ran = await call([...closed, way('run0', opens('run0'))], 'silent')
    expect(ran?.stdout).toBe('run0 --no-ask-password -- helper\n')
  })

  it.each([
    ['a no', 'echo "Error executing command as another user: Request dismissed" >&2; exit 126'],
    ['a wrong password', 'echo "sudo: 3 incorrect password attempts" >&2; exit 1'],
    ['what the helper says itself', 'echo "{}"; exit 1'],
    ['what nobody knows', 'echo "it broke" >&2; exit 1'],
  ])('end with %s', async (_, script) => {
    const ran = await call([way('pkexec', script), way('sudo', opens('sudo'))], 'interactive')
    expect(ran?.stdout).not.toContain('sudo')
  })

  it('say what the last one said where none is open', async () => {
    const closed = [way('pkexec', unasked), way('sudo', 'echo "sudo: a password is required" >&2; exit 1')]
    expect(await call(closed, 'silent')).toMatchObject({ stderr: 'sudo: a password is required\n' })
  })

  it('are polkit alone in a window', async () => {
    const ran = await call([way('pkexec', unasked), way('sudo', opens('sudo'))], 'none')
    expect(ran?.status).toBe(127)
    expect(await call([way('sudo', opens('sudo'))], 'none')).toBeUndefined()
  })
})
