import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RemoteFacts } from '../../../../contract/remote'
import { shellCommand } from '../../../../main/adapters/ssh/connection/become-root'

const planted = ['sudo', 'doas', 'sh', 'env', 'id', 'cat']
const shells = ['bash', 'dash', 'zsh', 'fish'].filter(
  (shell) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0,
)

describe.each(shells)('a shell for a script, where the login’s own shell is %s', (shell) => {
  let folder: string
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-login-'))
    for (const name of planted) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >>${folder}/log\n/bin/cat >>${folder}/log\n`)
      chmodSync(join(folder, name), 0o755)
    }
    // As a .bashrc does it, which bash reads for sshd: only there can a function be named like a path.
    const functions = [...planted, '/usr/bin/env', '/bin/sh', '/usr/bin/sudo', 'printf']
    const lines = functions.map(
      (name) => `function ${name} { echo function >>${folder}/log; }\nexport -f ${name}\n`,
    )
    writeFileSync(join(folder, '.bashrc'), lines.join(''))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  /** What the login's shell makes of the command, with programs, functions and settings of its own in the way. */
  function runAtLogin(command: string, script: string) {
    const env = {
      ...{ HOME: folder, USER: 'me', LOGNAME: 'me', SSH_CONNECTION: '10.0.0.1 5 10.0.0.2 22' },
      ...{ PATH: `${folder}:${process.env.PATH}`, ENV: `${folder}/.bashrc` },
      ...{ NIX_CONF_DIR: folder, NIX_REMOTE: 'daemon', IFS: 'x', LC_ALL: 'de_DE' },
    }
    return spawnSync(shell, ['-c', command], { input: script, env, encoding: 'utf8' })
  }
  const commandOf = (rootWay?: RemoteFacts['root']) =>
    shellCommand(rootWay ? { as: 'root', rootWay } : { as: 'user' })?.command ?? ''

  it('knows of the login who it is and where it looks for programs, and runs none of those', () => {
    const { stdout } = runAtLogin(commandOf(), 'env | sort; id -u; printf "%s\\n" "$HOME"; command -v cat\n')
    const lines = stdout.trim().split('\n')
    expect(lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['HOME', 'LOGNAME', 'MILLWRIGHT_LOGIN_PATH', 'PATH', 'SSH_CONNECTION', 'USER']),
    )
    expect(stdout).not.toMatch(/NIX_|^ENV=|LC_ALL|BASH_FUNC/m)
    expect(lines.slice(-2)).toEqual([folder, expect.stringMatching(/^\/(usr\/)?bin\/cat$/)])
    expect(log()).toBe('')
  })

  it.each(['is-root', 'sudo-free', 'sudo-password', 'doas'] as const)(
    'tells a secret to nothing that the login has planted: %s',
    (rootWay) => {
      runAtLogin(commandOf(rootWay), 'secret\n')
      expect(log()).toBe('')
    },
  )
})
