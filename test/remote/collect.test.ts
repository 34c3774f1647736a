import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const text = readFileSync(join(import.meta.dirname, '../../remote/collect.sh'), 'utf8')
const shells = ['dash', 'busybox ash', 'bash --posix', 'sh'].filter(
  (shell) => spawnSync('sh', ['-c', `command -v ${shell.split(' ')[0]}`]).status === 0,
)
const path = (name: string) => `/nix/store/${'0'.repeat(32)}-${name}`

describe.each(shells)('millwright-collect under %s', (shell) => {
  let bin: string

  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'nix-bin-'))
  })

  afterEach(() => rmSync(bin, { recursive: true }))

  /** Says what Nix says there; `"$@"` is what it is asked for. */
  const nix = (script: string) => {
    writeFileSync(join(bin, 'nix-store'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, 'nix-store'), 0o755)
  }
  const collect = (asked: string) => {
    const [file = '', ...args] = shell.split(' ')
    const { status, stdout, stderr } = spawnSync(file, [...args, '-s'], {
      input: `nix_bin='${bin}'\n${text}`,
      encoding: 'utf8',
      env: { ...process.env, SSH_ORIGINAL_COMMAND: asked, SECRET: 'leaked' },
    })
    return { status, stdout, stderr }
  }
  const lastLine = ({ stdout }: { stdout: string }) => stdout.trimEnd().split('\n').at(-1)

  it('counts every path that Nix names, whatever else it says, with the size of each that has one', () => {
    nix(`
      if [ "$*" = '--gc --print-dead' ]; then
        echo 'finding garbage collector roots...' >&2
        i=0; while [ $i -lt 701 ]; do i=$((i+1)); echo ${path('p')}$i; done
        exit
      fi
      shift 2
      for path; do
        case $path in *p7) echo "error: path '$path' is not valid" >&2; exit 1 ;; *) echo 1000 ;; esac
      done`)
    const answer = collect('millwright-collect count')
    expect(answer).toMatchObject({ status: 0, stderr: '' })
    expect(lastLine(answer)).toBe('millwright-collect 1 paths=701 bytes=700000 done')
  })

  it('counts nothing where there is nothing', () => {
    nix('echo "determining live/dead paths..." >&2')
    expect(collect('millwright-collect count').stdout).toBe('millwright-collect 1 paths=0 bytes=0 done\n')
  })

  it.each([
    ['12 store paths deleted, 3.25 MiB freed', 12, 3.25 * 2 ** 20],
    ['1204 store paths deleted, 3200.00 MiB freed', 1204, 3200 * 2 ** 20],
    ['12 store paths deleted, 3.2 GiB freed', 12, Math.round(3.2 * 2 ** 30)],
    ['1 store path deleted, 120.0 KiB freed', 1, 120 * 2 ** 10],
    ['0 store paths deleted, 0 bytes freed', 0, 0],
  ])('reads “%s”', (words, paths, bytes) => {
    nix(`echo "deleting '${path('a')}'" >&2; echo '${words}'`)
    expect(lastLine(collect('millwright-collect free'))).toBe(
      `millwright-collect 1 paths=${paths} bytes=${bytes} done`,
    )
  })

  it('tells once a second how far it is', () => {
    nix(`
      echo "deleting '${path('a')}'" >&2; echo "deleting '${path('b')}'" >&2
      sleep 1.5
      echo '3 store paths deleted, 1.00 MiB freed'`)
    expect(collect('millwright-collect free').stdout).toMatch(
      /^millwright-collect 1 paths=2 bytes=\d+\nmillwright-collect 1 paths=3 bytes=1048576 done\n$/,
    )
  })

  it.each(['count', 'free'])('says why Nix failed: %s', (act) => {
    nix(`echo 'error: cannot connect to daemon' >&2; echo "deleting '${path('a')}'"; exit 3`)
    const { status, stdout, stderr } = collect(`millwright-collect ${act}`)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('error: cannot connect to daemon')
  })

  it('hands Nix nothing of the login', () => {
    nix('echo "$* $PATH $(printenv SECRET || echo clean)" >&2; exit 1')
    expect(collect('millwright-collect free').stderr).toBe(`--gc ${bin}:/usr/bin:/bin clean\n`)
  })

  it.each(['', 'millwright-collect', 'millwright-collect free; id', 'nix-store --gc', '*'])(
    'refuses %j',
    (asked) => {
      nix('echo called >&2')
      expect(collect(asked)).toEqual({
        status: 1,
        stdout: '',
        stderr: 'millwright-collect: this key frees space in the Nix store and does nothing else.\n',
      })
    },
  )
})
