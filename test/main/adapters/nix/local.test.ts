import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocal } from '../../../../main/adapters/nix/local'
import { toFailure } from '../../../../main/failures'

/** A program in the place of Nix that counts how often it is asked for its settings. */
function aComputer(answer = 'ok') {
  const base = mkdtempSync(join(tmpdir(), 'millwright-local-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const at = (name: string) => join(base, name)
  for (const name of ['bin', 'conf', 'home/.config/nix']) mkdirSync(at(name), { recursive: true })
  const shown =
    '{"max-jobs":{"value":4},"builders":{"value":""},"system":{"value":"x86_64-linux"},"substituters":{"value":[]}}'
  const lay = (reply: string) => {
    const settings = reply === 'ok' ? `echo '${shown}'` : `cat ${at('said')} >&2; exit 1`
    writeFileSync(at('said'), reply)
    const script = `#!/bin/sh\ncase "$*" in *--version*) echo 'nix (Nix) 2.30.0';; *) echo . >>${at('asked')}; ${settings};; esac\n`
    writeFileSync(at('bin/nix'), script)
    chmodSync(at('bin/nix'), 0o755)
  }
  lay(answer)
  writeFileSync(at('asked'), '')
  const env = {
    PATH: process.env.PATH,
    HOME: at('home'),
    NIX_CONF_DIR: at('conf'),
    XDG_CONFIG_DIRS: at('xdg'),
  }
  return {
    at,
    lay,
    write: (name: string, text: string) => writeFileSync(at(name), text),
    timesAsked: () => readFileSync(at('asked'), 'utf8').split('\n').length - 1,
    local: createLocal({ homeDir: at('home'), path: at('bin'), env }),
  }
}

describe('what is in force', () => {
  it('is asked of Nix once, however many want to know', async () => {
    const { local, timesAsked } = aComputer()
    await Promise.all([local.settings(), local.nix(), local.settings()])
    await local.settings()
    expect(timesAsked()).toBe(1)
  })

  it('is asked again after each change of a file that Nix reads, included ones too', async () => {
    const { local, write, timesAsked } = aComputer()
    const changes: readonly (() => void)[] = [
      () => write('conf/nix.conf', 'cores = 1\n!include more.conf\n'),
      () => write('conf/more.conf', 'cores = 2\n!include deeper.conf\n'),
      () => write('conf/deeper.conf', 'cores = 3\n'),
      () => write('home/.config/nix/nix.conf', '!include millwright.conf\n'),
      () => write('home/.config/nix/millwright.conf', 'max-jobs = 0\n'),
    ]
    await local.settings()
    for (const [index, change] of changes.entries()) {
      change()
      await local.settings()
      await local.settings()
      expect([index, timesAsked()]).toEqual([index, index + 2])
    }
  })

  it.each([
    ['conf/nix.conf', 'a pipe'],
    ['home/.config/nix/nix.conf', 'a pipe'],
    ['conf/more.conf', 'a device'],
  ])('is not waited for where %s is %s', async (name, what) => {
    const { local, at, write, timesAsked } = aComputer()
    if (name === 'conf/more.conf') write('conf/nix.conf', '!include more.conf\n')
    if (what === 'a pipe') execFileSync('mkfifo', [at(name)])
    else symlinkSync('/dev/zero', at(name))
    const failure = await local.settings().catch(toFailure)
    expect(failure).toMatchObject({
      code: 'LOCAL_NIX_FILE_UNFIT',
      facts: { path: at(name), what: `is ${what}` },
    })
    expect(timesAsked()).toBe(0)
  })

  it.each([
    ["error: syntax error in configuration line 'x' in '/etc/nix/nix.conf'", 'LOCAL_NIX_CONF_BROKEN'],
    ['nix: error while loading shared libraries: libsodium.so.23', 'LOCAL_NIX_SILENT'],
    ['', 'LOCAL_NIX_SILENT'],
  ])('is not called broken unless Nix says so: %j', async (said, code) => {
    const { local, lay } = aComputer()
    lay(said)
    const failure = await local.settings().catch(toFailure)
    expect(failure).toMatchObject({ code, ...(said ? { facts: { said: expect.any(String) } } : {}) })
  })

  it('is asked again after Nix could not say, and after Nix itself was replaced', async () => {
    const { local, lay, timesAsked } = aComputer('broken')
    await expect(local.settings()).rejects.toThrow('LOCAL_NIX_SILENT')
    const before = timesAsked()
    lay('ok')
    expect((await local.settings()).maxJobs).toBe(4)
    expect(timesAsked()).toBe(before + 1)
  })
})
