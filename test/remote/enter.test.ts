import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { WayIn } from '../../contract/remote'
import { parseInspection } from '../../core/provision/inspect'
import { inspectScript, provisionScript, wayParameters } from '../../core/scripts/script'
import { scripts } from '../world/kit/remote-kit'

const home = mkdtempSync(join(tmpdir(), 'millwright-way-'))
const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`
const program = (name: string, text: string) =>
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
const sh = (script: string, env: Record<string, string> = {}) =>
  spawnSync('sh', ['-s'], {
    input: script,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: home, ...env },
  })

mkdirSync(join(home, 'bin'))
mkdirSync(join(home, '.nix', 'store'), { recursive: true })

afterAll(() => rmSync(home, { recursive: true }))

describe('going to where Nix is', () => {
  /** What the way is started with, a word a line. */
  const startedWith = (kind: WayIn['kind'], store: string) => {
    program('way', 'echo "asked $SSH_ORIGINAL_COMMAND"; for word; do echo "$word"; done')
    const way = wayParameters({ kind, program: join(home, 'bin/way'), store })
    const values = Object.entries(way).map(([name, value]) => `${name}='${value}'\n`)
    return sh(`${values.join('')}${scripts.enter}\nenter /bin/it --inside\n`, { SSH_ORIGINAL_COMMAND: 'x' })
      .stdout.trim()
      .split('\n')
  }

  it.each([
    ['nix-user-chroot', '/home/me/.nix', ['asked x', '/home/me/.nix', '/bin/it', '--inside']],
    ['proot', '/home/me/.nix', ['asked x', '-b', '/home/me/.nix:/nix', '/bin/it', '--inside']],
    ['nix-portable', '', ['asked x', 'debug', '/bin/it', '--inside']],
    ['wrapper', '', ['asked /bin/it --inside', '/bin/it', '--inside']],
  ] as const)('%s is started as its own manual says', (kind, store, words) => {
    expect(startedWith(kind, store)).toEqual(words)
  })

  it('bubblewrap shows all that is at the root, and another folder as /nix', () => {
    const words = startedWith('bwrap', '/home/me/.nix').join(' ')
    expect(words).toContain(' --bind /etc /etc ')
    expect(words).not.toContain('--bind /nix ')
    expect(words).toMatch(/ --bind \/home\/me\/\.nix \/nix --die-with-parent \/bin\/it --inside$/)
  })

  it('keeps what was asked for, and serves nothing else inside', () => {
    program('way', 'export SSH_ORIGINAL_COMMAND=lost; exec "$@"')
    program('nix-daemon', 'echo "daemon $* by $NIX_CONF_DIR"')
    const way = { kind: 'wrapper', program: join(home, 'bin/way'), store: '' } as const
    const parameters = {
      ...{ mode: 'own', run_as: 'login', install: '0123abcd', builder: 'anna', user: 'me' },
      ...{ nix_bin: join(home, 'bin'), ...wayParameters(way), conf_file: '/etc/nix/nix.conf', trust: '' },
      ...{ socket_group: '', monitor_key: key('M'), collect_key: key('C'), scripts_hash: '01234567' },
    }
    const lines = { buildKey: key('B'), ownsUntagged: true }
    const made = sh(provisionScript(scripts, parameters, lines, 'n'))
    expect(made.stdout).toMatch(/^mw-n done$/m)
    const serve = (asked: string, env = {}) =>
      spawnSync(join(home, '.local/share/millwright/bin/millwright-serve'), {
        encoding: 'utf8',
        env: { HOME: home, SSH_ORIGINAL_COMMAND: asked, ...env },
      })
    expect(serve('nix-daemon --stdio', { NIX_CONF_DIR: '/of/the/login' }).stdout).toBe('daemon --stdio by \n')
    expect(serve('id')).toMatchObject({ status: 1, stdout: '' })
    program('way', 'export NIX_CONF_DIR=/of/the/way; exec "$@"')
    expect(serve('nix-daemon --stdio').stdout).toBe('daemon --stdio by /of/the/way\n')
  })
})

describe('the look for a way to Nix', () => {
  const look = (wrapper?: string) => {
    const { stdout, stderr } = sh(inspectScript(scripts, 'n', wrapper))
    return parseInspection({ code: 0, stdout, stderr }, 'n')
  }

  it('takes the program that the person names, wherever the login finds it, and runs it not', () => {
    program('to-nix', 'touch "$HOME/was-run"')
    const way = { kind: 'wrapper', program: join(home, 'bin/to-nix'), store: '' }
    expect(look('to-nix')).toMatchObject({ ok: true, value: { waysIn: [way] } })
    expect(sh('ls "$HOME/was-run"').stdout).toBe('')
  })

  it('says that a named one is not there', () => {
    expect(look('no-such-way')).toMatchObject({ ok: true, value: { wrapperMissing: 'no-such-way' } })
  })

  it('knows what a known one shows as /nix', () => {
    program('nix-user-chroot', '')
    expect(look('nix-user-chroot')).toMatchObject({
      ok: true,
      value: { waysIn: [{ kind: 'nix-user-chroot', store: join(home, '.nix') }] },
    })
  })

  it('takes no name that is more than one', () => {
    expect(() => inspectScript(scripts, 'n', '../bin/sh')).toThrow()
    expect(() => inspectScript(scripts, 'n', 'a b')).toThrow()
  })
})
