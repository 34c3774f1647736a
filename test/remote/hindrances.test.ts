import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assemble } from '../../core/scripts/assemble'
import { remoteFiles, scripts } from '../world/kit/remote-kit'

const isRoot = process.getuid?.() === 0
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix']].filter(
  ([program = '']) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
)

describe.runIf(isRoot).each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'what keeps logins out, under %s (needs root)',
  (_, [file = '', ...args]) => {
    let home: string
    const run = (script: string) =>
      spawnSync(file, [...args, '-s'], { input: script, encoding: 'utf8', cwd: home })
    const make = (commands: string) =>
      expect(spawnSync('sh', ['-ec', commands], { cwd: home }).status).toBe(0)

    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'millwright-home-'))
      make('mkdir -m 700 .ssh; : >.ssh/authorized_keys; chmod 600 .ssh/authorized_keys')
    })
    afterEach(() => rmSync(home, { recursive: true }))

    /** As StrictModes sees the keys of who runs this, whose home is that folder; with another owner of the store. */
    const unsafe = () => {
      const parts = assemble(
        '#include shared/accounts.sh\n#include look/fact.sh\n#include look/hindrances.sh',
        remoteFiles,
      )
      const { stdout } = run(`nonce=n kind=multi-user\n${parts}\nhome_of() { echo ${home}; }\nunsafe_keys\n`)
      return stdout.replace(/^mw-n fact keys_unsafe root /, '').trimEnd()
    }

    it.each([
      ['a home that its group may write', 'chmod g+w .', '', ' can be changed by others than its owner'],
      [
        'a folder that everybody may write',
        'chmod o+w .ssh',
        '/.ssh',
        ' can be changed by others than its owner',
      ],
      [
        'keys of somebody else',
        'chown nobody .ssh/authorized_keys',
        '/.ssh/authorized_keys',
        ' belongs to nobody',
      ],
    ])('names %s', (_what, does, at, why) => {
      make(does)
      expect(unsafe()).toBe(`${home}${at}${why}`)
    })

    it.each([
      ['keys that are its owner’s alone', ':'],
      ['none yet', 'rm -r .ssh'],
      ['a folder beside them that everybody may write', 'mkdir -m 777 beside'],
    ])('says nothing of %s', (_what, does) => {
      make(does)
      expect(unsafe()).toBe('')
    })

    it.each([
      [
        'nixremote:*:20000:::::0:',
        /^account-expired the account nixremote ended \d+ days ago \(shadow\(5\)\)$/,
      ],
      ['nixremote:*:20000:::::2:', /^account-expired the account nixremote ended \d+ days ago/],
      ['nixremote:*:20000::::::', /^$/],
      ['nixremote:*:20000:::::99999:', /^$/],
      ['other:*:20000:::::0:', /^$/],
    ])('ends before a change where the build user has been let end: %s', (line, says) => {
      writeFileSync(join(home, 'shadow'), `root:*:20000:0:99999:7:::\n${line}\n`)
      const [check = ''] = /^check_account\(\) \{\n(.*\n)*?\}\n/m.exec(scripts.provision) ?? []
      expect(check).not.toBe('')
      const { stdout } = run(
        `user=nixremote\nfail() { echo "$1 $2"; }\n${check.replace('/etc/shadow', `${home}/shadow`)}check_account\n`,
      )
      expect(stdout.trimEnd()).toMatch(says)
    })
  },
)
