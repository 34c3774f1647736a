import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../world/fleet/process'
import { shared } from './shared'

const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(
  ([program = '']) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
)

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'a daemon that is restarted under %s',
  (_, [file = '', ...args]) => {
    let home: string
    const at = (name: string) => join(home, '.local/share/millwright', name)

    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'millwright-restart-'))
      mkdirSync(at(''), { recursive: true })
      // A stand-in for what runs a service: between its stop and its start it takes its time, and may be watched.
      writeFileSync(
        at('script'),
        `rm -f ${at('up')}; : >${at('down')}; sleep 1; grep SigIgn /proc/self/status; : >${at('up')}`,
      )
      writeFileSync(at('up'), '')
    })

    afterEach(() => rmSync(home, { recursive: true }))

    /** Runs commands after the shared part, in a process group of its own, as sshd has it. */
    function start(commands: string) {
      const values = `nonce=n mode=own install=0123abcd user=me conf_file=/etc/nix/nix.conf nix_bin=/usr/bin\nHOME=${home}`
      const child = spawn(file, [...args, '-s'], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdin.end(`${values}\n${shared}\n${commands}\n`)
      let said = ''
      child.stdout.on('data', (data) => {
        said += data
      })
      return { child, ended: once(child, 'exit').then(() => said) }
    }
    const restart = `lock; apart sh ${'$'}base/script; echo "$said"; echo after`

    it('comes back, though whoever restarts it is ended in the middle', async () => {
      const { child, ended } = start(restart)
      await until('it is down', async () => existsSync(at('down')))
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      expect(await ended).toBe('')
      expect(existsSync(at('up'))).toBe(false)
      await until('it is up', async () => existsSync(at('up')))
    })

    it('is waited for by whoever comes next', async () => {
      const { child } = start(restart)
      await until('it is down', async () => existsSync(at('down')))
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      expect(await start(`lock; [ ! -e ${at('up')} ] || echo up`).ended).toBe('up\n')
      expect(() => readlinkSync(at('lock'))).toThrow()
    })

    it('hears HUP, PIPE and TERM, and leaves nothing beside what it says', async () => {
      const [, ignored = '', rest] = /SigIgn:\t(\w+)\n(.*)$/s.exec(await start(restart).ended) ?? []
      const mask = (2 ** 0) | (2 ** 12) | (2 ** 14)
      expect(Number.parseInt(ignored, 16) & mask).toBe(0)
      expect(rest).toBe('after\n')
      expect(existsSync(at('restart.said'))).toBe(false)
      expect(() => readlinkSync(at('lock'))).toThrow()
    })
  },
)

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'what root may go on with, under %s',
  (_, [file = '', ...args]) => {
    const isRoot = process.getuid?.() === 0
    const why = (path: string) => {
      const values = 'nonce=n mode=own install=0123abcd user=me conf_file=/etc/nix/nix.conf nix_bin=/usr/bin'
      const script = `${values}\n${shared}\nwhy_not_trusted "$1"\n`
      return spawnSync(file, [...args, '-s', '--', path], { input: script, encoding: 'utf8' }).stdout.trim()
    }

    it.runIf(isRoot)('is root’s with all that leads there, and where links lead', () => {
      const folder = mkdtempSync('/root/millwright-trust-')
      const make = (commands: string) => spawnSync('sh', ['-ec', commands], { cwd: folder })
      make(
        'mkdir -p ours/bin theirs group; : >ours/bin/nix; : >theirs/nix; chown 1234 theirs; chmod g+w group; : >group/nix',
      )
      make('ln -s ../theirs ours/link; ln -s ours/bin good; ln -s circle circle; ln -s /usr/bin theirs/bin')
      expect(why(`${folder}/ours/bin/nix`)).toBe('')
      expect(why(`${folder}/good/nix`)).toBe('')
      expect(why(`${folder}//ours/./bin/../bin/nix`)).toBe('')
      expect(why(`${folder}/theirs/nix`)).toBe(`${folder}/theirs belongs to 1234`)
      expect(why(`${folder}/ours/link/nix`)).toBe(`${folder}/theirs belongs to 1234`)
      expect(why(`${folder}/theirs/bin/env`)).toBe(`${folder}/theirs belongs to 1234`)
      expect(why(`${folder}/group/nix`)).toBe(`${folder}/group can be changed by others than its owner`)
      expect(why(`${folder}/none/nix`)).toBe(`${folder}/none is missing`)
      expect(why(`${folder}/circle/nix`)).toBe(`${folder}/circle/nix leads in a circle`)
      rmSync(folder, { recursive: true })
    })
  },
)
