import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { grantAccessScript, revokeAccessScript } from '../../core/provision/jump-host'
import { scripts } from '../world/kit/remote-kit'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(([program = '']) => has(program))
const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`
const access = { install: '0123abcd', id: 'anna', host: 'anna.lan', port: 22 }

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'the way through under %s',
  (_, shell) => {
    let home: string
    const file = () => join(home, '.ssh/authorized_keys')
    const run = (script: string) => {
      const [program = '', ...args] = shell
      const env = { HOME: home, PATH: process.env.PATH }
      const { stdout, stderr } = spawnSync(program, [...args, '-s'], { input: script, encoding: 'utf8', env })
      expect(stderr).toBe('')
      expect(stdout).toBe('mw-n done\n')
    }
    const grant = (letter: string, beside = false) =>
      run(grantAccessScript(scripts.jump, access, key(letter), 'n', { beside }))
    const letters = () =>
      [...readFileSync(file(), 'utf8').matchAll(/ssh-ed25519 (.)/g)].map(([, letter]) => letter).join('')

    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'jump-'))
    })
    afterEach(() => rmSync(home, { recursive: true }))

    it('is one key’s, a new one’s beside it while that is tried, and then the new one’s alone', () => {
      for (const letter of ['A', 'A', 'B']) grant(letter)
      expect(letters()).toBe('B')
      for (const _ of 'twice') grant('N', true)
      expect(letters()).toBe('BN')
      for (const _ of 'twice') grant('N')
      expect(letters()).toBe('N')
      run(revokeAccessScript(scripts.jump, access, 'n'))
      expect(existsSync(file())).toBe(false)
    })

    it('goes back to the key in force where the new one did not prove itself, and touches nobody else’s', () => {
      mkdirSync(join(home, '.ssh'))
      writeFileSync(file(), `${key('P')} me@home`)
      grant('B')
      grant('N', true)
      expect(letters()).toBe('PBN')
      grant('B')
      expect(letters()).toBe('PB')
      run(revokeAccessScript(scripts.jump, access, 'n'))
      expect(letters()).toBe('P')
    })
  },
)
