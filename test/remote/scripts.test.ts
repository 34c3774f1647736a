import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { protocolVersions } from '../../contract/version'
import { parseProbe, probeProtocolVersion } from '../../core/health/probe-line'
import { assemble, assembleScripts } from '../../core/scripts/assemble'
import { until } from '../world/fleet/process'
import { remoteFiles, scripts } from '../world/kit/remote-kit'
import { shared } from './shared'

const folder = join(import.meta.dirname, '../../remote')
const names = Object.keys(remoteFiles)
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix'], ['sh']].filter(([program = '']) =>
  has(program),
)
const run = ([file = '', ...args]: readonly string[], script: string, env: Record<string, string> = {}) =>
  spawnSync(file, [...args, '-s'], { input: script, encoding: 'utf8', env: { ...process.env, ...env } })

const sent = Object.entries(scripts)

describe.skipIf(!has('shellcheck'))('the scripts for builders (needs shellcheck)', () => {
  it.each(sent)('are plain POSIX sh without a complaint: %s', (_, text) => {
    const args = ['-s', 'sh', '-e', 'SC2154,SC2034', '-']
    const { stdout, status } = spawnSync('shellcheck', args, { input: text, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})

describe('the files that the scripts for builders are put together from', () => {
  const defined = (text: string) => [...text.matchAll(/^(\w+)\(\) \{/gm)].map(([, name = '']) => name)
  const whole = Object.values(remoteFiles).join('\n')

  it('are each in some script, and whole', () => {
    for (const [path, file] of Object.entries(remoteFiles)) {
      const lines = assemble(file, remoteFiles).trimEnd()
      expect(
        sent.some(([, text]) => text.includes(lines)),
        path,
      ).toBe(true)
    }
    for (const [, text] of sent) expect(text).not.toMatch(/^#include/m)
  })

  it('say nothing twice, and bring along what they call', () => {
    for (const [name, text] of sent) {
      const here = defined(text)
      expect(new Set(here).size, name).toBe(here.length)
      const code = text.replace(/^\s*#.*$/gm, '')
      const called = defined(whole).filter((one) =>
        new RegExp(`(^ *|[;&|({!] *|\\$\\(|(?:then|else|do|if|until|while) )${one}(?= |;|\\)|$)`, 'm').test(
          code,
        ),
      )
      expect(
        called.filter((one) => !here.includes(one)),
        name,
      ).toEqual([])
    }
  })

  it('are missed by name', () => {
    const { 'shared/builds.sh': _, ...rest } = remoteFiles
    expect(() => assembleScripts(rest)).toThrow('There is no remote/shared/builds.sh.')
  })
})

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('under %s', (_, shell) => {
  it.each(names)('%s is understood', (name) => {
    const [file = '', ...args] = shell
    expect(spawnSync(file, [...args, '-n', join(folder, name)], { encoding: 'utf8' }).stderr).toBe('')
  })

  it('nothing of a cleanup is lost to a second signal', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'millwright-trap-'))
    const traps = scripts.substituter.match(/^ *trap '.*$/gm) ?? []
    const script = `list=$1\n${traps.join('\n')}\n: >"$list"\nwhile :; do x=$(/bin/true); done`
    const [file = '', ...args] = shell
    for (let round = 0; round < 20; round++) {
      const list = join(scratch, String(round))
      const child = spawn(file, [...args, '-c', script, 'sh', list], { detached: true, stdio: 'ignore' })
      const ended = once(child, 'exit')
      await until('it works', async () => existsSync(list))
      for (let signals = 0; signals < 5; signals++) {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGTERM')
        await setImmediate()
      }
      await ended
      expect(existsSync(list)).toBe(false)
    }
    rmSync(scratch, { recursive: true })
  })

  it('the look finds this machine, and ends', () => {
    const { stdout } = run(shell, `nonce='n'\nonly=''\n${scripts.inspect}`)
    expect(stdout).toMatch(/^mw-n begin\n/)
    expect(stdout).toMatch(/^mw-n fact kernel (linux|darwin)$/m)
    expect(stdout).toMatch(/^mw-n fact cpus [1-9]\d*$/m)
    expect(stdout).toMatch(/^mw-n fact speed_rounds_per_second [1-9]\d*$/m)
    expect(stdout).toMatch(/\nmw-n end\n$/)
  })

  it('a script that arrives only in part does nothing', () => {
    for (const text of [scripts.inspect, scripts.provision, scripts.unprovision, scripts.substituter]) {
      const part = text.slice(0, text.lastIndexOf('\n}\n') + 3)
      expect(run(shell, `nonce=n only=''\n${part}`).stdout).toBe('')
    }
  })

  it('the probe prints a line for each that it is sent, whatever that says, and ends with them', () => {
    const [file = '', ...args] = shell
    const probe = (nixBin: string, input: string) => {
      const text = `nix_bin=${nixBin}\n${scripts.probe}`
      return spawnSync(file, [...args, '-c', text], { input, encoding: 'utf8' }).stdout.split('\n')
    }
    const [hello = '', first = '', second = '', ...rest] = probe('/nowhere', '\n$(reboot) `x` \\\n')
    expect(probeProtocolVersion(hello)).toBe(protocolVersions.probe)
    expect(parseProbe(second)).toMatchObject({ cpus: expect.any(Number), buildNames: [] })
    expect(parseProbe(first)?.nixVersion).toBeUndefined()
    expect(rest).toEqual([''])
  })
})

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'the builds that the probe names under %s',
  (_, [file = '', ...args]) => {
    it.runIf(process.getuid?.() === 0)('are in folders of whoever builds, and in nobody else’s', () => {
      const scratch = mkdtempSync(join(tmpdir(), 'millwright-probe-'))
      const make = `
        mkdir nix-build-real-1.0.drv-0 nix-build-pool.drv-0 nix-build-made-up.drv-0 "nix-build-a b.drv-0"
        chown 1234 nix-build-made-up.drv-0; chown 872415300 nix-build-pool.drv-0
        ln -s nix-build-real-1.0.drv-0 nix-build-link.drv-0; chown -h 1234 nix-build-link.drv-0
        : >nix-build-file.drv-0`
      spawnSync('sh', ['-ec', make], { cwd: scratch })
      // Without build users, whose locks would say that none builds, the folders count.
      const probe = scripts.probe
        .replaceAll('/tmp/nix-build-', `${scratch}/nix-build-`)
        .replaceAll('/nix/var/nix/', '/nonexistent/')
      const { stdout } = spawnSync(file, [...args, '-c', `nix_bin=/nowhere\n${probe}`], {
        input: '\n',
        encoding: 'utf8',
      })
      rmSync(scratch, { recursive: true })
      const sample = parseProbe(stdout.split('\n')[1] ?? '')
      expect(sample).toMatchObject({ builds: 2, buildNames: ['pool', 'real-1.0'] })
    })
  },
)

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'files edited under %s',
  (_, shell) => {
    const edit = (text: string, commands: string) => {
      const path = mkdtempSync(join(tmpdir(), 'edit-'))
      writeFileSync(join(path, 'file'), text)
      const values =
        'nonce=n mode=own install=0123abcd builder=anna untagged= build_key= user=me conf_file=/x'
      const { stderr } = run(shell, `${values}\n${shared}\nf=${path}/file\n${commands}`)
      const after = readFileSync(join(path, 'file'), 'utf8')
      rmSync(path, { recursive: true })
      return { after, stderr }
    }

    it.each(['', 'a\n', 'a', 'a\n\n', '\n', 'a\n b\\n %s \n# ü', '\na'])(
      'get back every byte: %j',
      (text) => {
        const add = 'edit "$f" with_line "$f" "one millwright-anna millwright:0123abcd:build"\n'
        const more = 'edit "$f" with_line "$f" "two millwright-anna millwright:0123abcd:monitor"\n'
        const added = edit(text, add + more)
        expect(added.stderr).toBe('')
        expect(added.after.split('\n').filter((line) => line.includes('millwright:'))).toHaveLength(2)
        expect(edit(text, `${add}${more}edit "$f" without "$f" "$(own_lines)"`).after).toBe(text)
      },
    )

    it('stay as they are when the command that would write them fails', () => {
      expect(edit('precious\n', 'edit "$f" false').after).toBe('precious\n')
    })
  },
)

describe('millwright-serve', () => {
  let bin: string
  const serve = (asked: string | undefined) => {
    const text = `nix_bin='${bin}'\n${scripts.serve}`
    const { status, stdout } = run(['sh'], text, asked === undefined ? {} : { SSH_ORIGINAL_COMMAND: asked })
    return { status, stdout }
  }

  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), 'nix-bin-'))
    for (const name of ['nix-daemon', 'nix-store']) {
      writeFileSync(
        join(bin, name),
        '#!/bin/sh\necho "$(basename "$0") $* $PATH $(printenv SECRET || echo clean)"\n',
      )
      chmodSync(join(bin, name), 0o755)
    }
    process.env.SECRET = 'leaked'
  })

  afterAll(() => {
    rmSync(bin, { recursive: true })
    delete process.env.SECRET
  })

  it.each(['nix-daemon --stdio', 'nix-store --serve --write'])(
    'starts %s, with nothing of the login',
    (asked) => {
      expect(serve(asked)).toEqual({ status: 0, stdout: `${asked} ${bin}:/usr/bin:/bin clean\n` })
    },
  )

  it.each([undefined, '', 'nix-daemon', 'nix-daemon --stdio --store /', 'nix-store --serve --write;id', '*'])(
    'refuses %j',
    (asked) => {
      expect(serve(asked)).toEqual({ status: 1, stdout: '' })
    },
  )
})
