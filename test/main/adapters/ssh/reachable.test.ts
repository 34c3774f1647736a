import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findReachable } from '../../../../main/adapters/ssh/config/reachable'

let homeDir: string
beforeEach(() => {
  homeDir = mkdtempSync(join(tmpdir(), 'reachable-'))
  mkdirSync(join(homeDir, '.ssh'), { mode: 0o700 })
})
afterEach(() => rmSync(homeDir, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFileSync(join(homeDir, '.ssh', name), text, { mode: 0o600 })
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const find = () =>
  findReachable({ homeDir, systemDir: homeDir, userName: 'dev', ownNames: ['here', '10.0.0.1'] })

describe('machines within reach', () => {
  it('are the names in the SSH configuration, then those in known hosts, each once', async () => {
    put('more', 'Host inside\n')
    put(
      'config',
      'Host anna ben *.lan !x\n  HostName %h.example\n  User bob\nHost anna\n  Port 2222\nInclude more\n',
    )
    put(
      'known_hosts',
      [`ben.example ${key}`, `otto,10.0.0.9 ${key}`, `otto ${key}`, `[eve]:2200 ${key}`].join('\n'),
    )
    expect((await find()).map(({ address, source, detail }) => [address, source, detail])).toEqual([
      ['anna', 'ssh-config', 'bob@anna.example:2222'],
      ['ben', 'ssh-config', 'bob@ben.example'],
      ['inside', 'ssh-config', 'dev@inside'],
      ['otto', 'known-hosts', 'known host, 10.0.0.9'],
      ['eve:2200', 'known-hosts', 'known host'],
    ])
  })

  it('come with where they lead, and with the keys that known hosts have of them in the clear', async () => {
    const [other, hashed] = [
      key.replace(/A$/, 'B'),
      '|1|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    ]
    put('config', 'Host north\n  HostName Anna.lan\nHost south\n  HostName anna.lan\n  Port 2222\n')
    put(
      'known_hosts',
      `anna.lan ${key}\n[anna.lan]:2222 ${other}\n${hashed} ${other}\notto ${key}\notto ${other}\n`,
    )
    const blobs = [key, other].map((line) => line.split(' ')[1])
    expect(
      (await find()).map(({ address, host, port, hostKeys }) => [address, host, port, hostKeys]),
    ).toEqual([
      ['north', 'anna.lan', 22, [blobs[0]]],
      ['south', 'anna.lan', 2222, [blobs[1]]],
      ['otto', 'otto', 22, blobs],
    ])
  })

  it('are never this computer, a hashed name, a pattern, a forge or something hostile', async () => {
    put('config', 'Host here\nHost localhost\nHost far\n  ProxyCommand nc %h %p\nHost a;b\nHost -oops\n')
    const hashed = `|1|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|AAAAAAAAAAAAAAAAAAAAAAAAAAA= ${key}`
    const lines = ['10.0.0.1', '*.lan', 'github.com', '@revoked', 'x\u001b[31m', '127.0.0.1']
    put('known_hosts', [hashed, ...lines.map((name) => `${name} ${key}`)].join('\n'))
    expect(await find()).toEqual([])
  })

  it('are none without any file', async () => {
    expect(await find()).toEqual([])
  })
})
