import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assemble } from '../../core/scripts/assemble'
import { remoteFiles } from '../world/kit/remote-kit'

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(
  ([program = '']) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
)

describe.runIf(canMount).each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'a file that cannot be written, under %s (needs root)',
  (_, shell) => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'millwright-edit-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    /** What is said on a file system of its own, mounted with these options. */
    const said = (options: string, before: string) => {
      const script = `set -e
        mount -t tmpfs -o ${options} none ${folder}
        cd ${folder}
        ${before}
        fail() { echo "$1 $2"; exit 1; }
        set +e
        ${assemble('#include change/edit.sh', remoteFiles)}
        edit ${folder}/nix.conf echo new`
      const { stdout } = spawnSync('unshare', ['-m', ...shell, '-s'], { input: script, encoding: 'utf8' })
      return stdout.trim().replaceAll(folder, '')
    }

    it('is named with the reason', () => {
      expect(said('size=1m', 'echo old >nix.conf; mount -o remount,ro .')).toBe(
        'write-failed /nix.conf: Read-only file system',
      )
    })

    it('is on a full disk also where only no more files have room on it', () => {
      expect(said('size=1m,nr_inodes=3', 'echo old >nix.conf; echo >other')).toBe('disk-full /nix.conf')
      expect(said('size=64k', 'head -c 70000 /dev/zero >big 2>/dev/null || :')).toBe('disk-full /nix.conf')
    })
  },
)
