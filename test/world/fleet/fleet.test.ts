import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derivation, thisSystem } from '../kit/derivation'
import { type Fleet, openFleet } from './fleet'
import { run, until } from './process'
import { openNotes } from './registry'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('the pocket fleet (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<'client' | 'anna' | 'hole'>

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client', anna: 'builder', hole: 'blackhole' } })
  })

  afterAll(() => fleet?.close())

  it('gives each host its name, and finds the others by theirs', async () => {
    const anna = fleet.host('anna')
    expect(await anna.must(['hostname'])).toBe('anna\n')
    expect(await anna.must(['getent', 'hosts', 'client'])).toContain(fleet.address('client'))
  })

  it('lets its people log in by ssh with the key of the fleet', async () => {
    await trustHostKeys('dev')
    const ssh = ['ssh', '-o', 'BatchMode=yes', 'plain@anna', 'id -un; hostname']
    expect(await fleet.host('client').must(ssh, { user: 'dev' })).toBe('plain\nanna\n')
  })

  it('lets them log in with their password, and only the right one', async () => {
    await trustHostKeys('dev')
    const logIn = async (password: string) => {
      await fleet.host('client').writeFile('/run/ask', `#!/bin/sh\necho ${password}\n`, { mode: '0755' })
      const env = { SSH_ASKPASS: '/run/ask', SSH_ASKPASS_REQUIRE: 'force' }
      const options = ['-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1']
      return fleet
        .host('client')
        .exec(['setsid', 'ssh', ...options, 'admin@anna', 'true'], { user: 'dev', env })
    }
    expect((await logIn(fleet.credentials.passwords.admin ?? '')).code).toBe(0)
    expect((await logIn('wrong')).stderr).toContain('Permission denied')
  })

  it.each([
    ['admin', true, true],
    ['easy', false, true],
    ['plain', true, false],
  ] as const)(
    'knows who may become root: %s, password asked %s, allowed %s',
    async (user, asked, allowed) => {
      const anna = fleet.host('anna')
      const input = `${fleet.credentials.passwords[user]}\n`
      expect((await anna.exec(['sudo', '-n', 'true'], { user })).code === 0).toBe(!asked)
      expect((await anna.exec(['sudo', '-k', '-S', 'true'], { user, input })).code === 0).toBe(allowed)
    },
  )

  it('builds on the client as dev, through the daemon and without being trusted', async () => {
    const client = fleet.host('client')
    await client.writeFile('/tmp/local.nix', derivation())
    const out = await client.must(['nix-build', '--no-out-link', '/tmp/local.nix'], { user: 'dev' })
    expect(await client.readFile(out.trim())).toBe('client\n')
    expect((await client.exec(['test', '-w', '/nix/store'], { user: 'dev' })).code).toBe(1)
  })

  it('builds on a builder that was configured by hand', async () => {
    const client = fleet.host('client')
    await trustHostKeys('root')
    await client.writeFile('/root/fleet-key', fleet.credentials.key.privateKey, { mode: '0600' })
    await client.writeFile('/etc/nix/machines', `ssh-ng://root@anna ${thisSystem} /root/fleet-key\n`)
    await client.writeFile('/tmp/remote.nix', derivation())
    const build = ['nix-build', '-j0', '--no-out-link', '/tmp/remote.nix']
    const out = (await client.must(build, { user: 'dev' })).trim()
    expect(await client.readFile(out)).toBe('anna\n')
    expect((await fleet.host('anna').exec(['test', '-e', out])).code).toBe(0)
  })

  it('restarts the daemon, also by way of systemctl', async () => {
    const client = fleet.host('client')
    const pid = () => client.must(['systemctl', 'show', '-p', 'MainPID', '--value', 'nix-daemon'])
    const first = await pid()
    await client.restartDaemon()
    expect(await pid()).not.toBe(first)
    expect(await client.must(['systemctl', 'is-active', 'nix-daemon.service'])).toBe('active\n')
    const ask = ['nix-store', '--store', 'daemon', '-r', '/nix/store/none']
    expect((await client.exec(ask, { user: 'dev' })).stderr).not.toContain('cannot connect')
  })

  it('leads a port of the machine to a port of a host', async () => {
    const { host, port, close } = await fleet.forward('anna', 22)
    const socket = connect({ host, port })
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    expect(greeting.toString()).toMatch(/^SSH-2.0-OpenSSH/)
    await close()
    socket.destroy()
  })

  it('runs programs as an account made later, in its own home', async () => {
    const anna = fleet.host('anna')
    await anna.must(['useradd', '-N', '-m', '-d', '/srv/late', 'late'])
    await anna.writeFile('/srv/late/new/file', 'text', { owner: 'late' })
    expect(await anna.must(['stat', '-c', '%U %a', '/srv/late/new', '/srv/late/new/file'])).toBe(
      'late 755\nlate 644\n',
    )
    const say = await anna.must(['sh', '-c', 'echo $(id -un) $HOME $PWD $MORE'], {
      user: 'late',
      env: { MORE: 'more' },
    })
    expect(say).toBe('late /srv/late /srv/late more\n')
  })

  it('has an address that swallows packets', async () => {
    const ssh = ['ssh', '-o', 'ConnectTimeout=1', 'hole', 'true']
    expect((await fleet.host('client').exec(ssh, { user: 'dev' })).stderr).toContain('Connection timed out')
  })

  it('cuts a host off and connects it again', async () => {
    const reach = () =>
      fleet
        .host('client')
        .exec(['timeout', '1', 'bash', '-c', 'exec 3<>/dev/tcp/anna/22'])
        .then(({ code }) => code)
    expect(await reach()).toBe(0)
    await fleet.host('anna').cutNetwork()
    expect(await reach()).toBe(124)
    await fleet.host('anna').mendNetwork()
    expect(await reach()).toBe(0)
  })

  it('refuses connections while sshd is stopped', async () => {
    const ssh = ['ssh', '-o', 'BatchMode=yes', 'plain@anna', 'true']
    await trustHostKeys('dev')
    await fleet.host('anna').stopSshd()
    expect((await fleet.host('client').exec(ssh, { user: 'dev' })).stderr).toContain('Connection refused')
    await fleet.host('anna').startSshd()
    expect((await fleet.host('client').exec(ssh, { user: 'dev' })).code).toBe(0)
  })

  it('comes back from a reboot with its files and services', async () => {
    const anna = fleet.host('anna')
    await anna.writeFile('/etc/kept', 'kept')
    await anna.writeFile('/run/lost', 'lost')
    await anna.reboot()
    expect(await anna.readFile('/etc/kept')).toBe('kept')
    expect((await anna.exec(['test', '-e', '/run/lost'])).code).toBe(1)
    expect(await anna.must(['systemctl', 'is-active', 'ssh', 'nix-daemon'])).toBe('active\nactive\n')
  })

  it('starts anew by a reboot, also for the kernel’s name of the boot', async () => {
    const anna = fleet.host('anna')
    const bootId = () => anna.readFile('/proc/sys/kernel/random/boot_id')
    const before = { boot: await bootId(), pid: anna.pid }
    expect(await bootId()).toBe(before.boot)
    await anna.reboot()
    expect(await bootId()).not.toBe(before.boot)
    expect(anna.pid).not.toBe(before.pid)
    expect(await anna.readFile('/proc/1/comm')).toBe('systemd\n')
  })

  it('lets a host change nothing of the machine’s kernel', async () => {
    const write = 'echo changed >/proc/sys/kernel/core_pattern'
    expect((await fleet.host('anna').sh(write)).stderr).toContain('Read-only file system')
  })

  it.each([
    ['content', 'echo more >>/srv/tree/file'],
    ['mode', 'chmod 0600 /srv/tree/file'],
    ['owner', 'chown plain /srv/tree/file'],
    ['link target', 'ln -sfn /elsewhere /srv/tree/link'],
    ['new file', 'touch "/srv/tree/a\nb"'],
  ])('sees a change of %s in the hash of a tree', async (_what, change) => {
    const anna = fleet.host('anna')
    const paths = ['/srv/tree', '/srv/absent']
    await anna.sh(
      'rm -rf /srv/tree; mkdir -p /srv/tree/skip; echo text >/srv/tree/file; ln -s file /srv/tree/link',
    )
    const first = await anna.treeHash(paths, { exclude: ['/srv/tree/skip'] })
    await anna.sh('touch /srv/tree/skip/this')
    expect(await anna.treeHash(paths, { exclude: ['/srv/tree/skip'] })).toBe(first)
    await anna.sh(change)
    expect(await anna.treeHash(paths, { exclude: ['/srv/tree/skip'] })).not.toBe(first)
  })

  it('logs dev in at the screen, as logind sees it, with a user manager', async () => {
    const client = fleet.host('client')
    const desktop = await client.desktop()
    const facts = ['Active', 'Remote', 'Seat', 'Type', 'Name'].flatMap((name) => ['-p', name])
    const session = await client.must([
      'loginctl',
      'show-session',
      desktop.env.XDG_SESSION_ID ?? '',
      ...facts,
    ])
    expect(session.trim().split('\n').sort()).toEqual(
      ['Active=yes', 'Name=dev', 'Remote=no', 'Seat=seat0', 'Type=x11'].sort(),
    )
    const own = await desktop.exec(['cat', '/proc/self/cgroup'])
    expect(own.stdout).toContain(`/user.slice/user-1000.slice/session-${desktop.env.XDG_SESSION_ID}.scope`)
    expect((await desktop.exec(['systemctl', '--user', 'is-system-running'])).stdout).toBe('running\n')
  })

  it('gives dev an active session with a session bus, an open keyring and a screen', async () => {
    const desktop = await fleet.host('client').desktop()
    await desktop.startScreen()
    const store = 'printf secret | secret-tool store --label=x key value && secret-tool lookup key value'
    expect((await desktop.exec(['sh', '-c', store])).stdout).toBe('secret')
    expect((await desktop.exec(['xdpyinfo'])).code).toBe(0)
    const pkcheck = (action: string) => ['sh', '-c', `pkcheck --action-id ${action} --process $$`]
    await fleet.host('client').writeFile('/usr/share/polkit-1/actions/test.policy', policy)
    expect((await desktop.exec(pkcheck('test.active'))).code).toBe(0)
    expect((await desktop.exec(pkcheck('test.admin'))).code).not.toBe(0)
    expect((await fleet.host('client').exec(pkcheck('test.active'), { user: 'dev' })).code).not.toBe(0)
  })

  it('leaves the machine itself as it was', async () => {
    const name = `millwright-${process.pid}`
    const paths = ['/etc', '/root', '/nix', '/home', '/usr/bin', '/var/log', '/tmp', '/run', '/dev'].map(
      (folder) => `${folder}/${name}`,
    )
    await fleet.host('client').must(['touch', ...paths])
    expect(paths.filter((path) => existsSync(path))).toEqual([])
  })

  it('knows a host without Nix and one where a person owns it, beside another fleet', async () => {
    await using other = await openFleet({ hosts: { bare: 'bare', solo: 'single-user' } })
    expect(other.address('bare')).not.toBe(fleet.address('client'))
    expect((await other.host('bare').sh('command -v nix nix-store; ls -d /nix')).stdout).toBe('')
    const solo = other.host('solo')
    await solo.writeFile('/tmp/own.nix', derivation())
    const out = await solo.must(['nix-build', '--no-out-link', '/tmp/own.nix'], { user: 'solo' })
    expect(await solo.readFile(out.trim())).toBe('solo\n')
    expect(
      (await solo.exec(['nix-build', '--no-out-link', '/tmp/own.nix'], { user: 'plain' })).code,
    ).not.toBe(0)
    const reach = ['ssh', '-o', 'ConnectTimeout=1', other.address('bare'), 'true']
    expect((await fleet.host('client').exec(reach)).code).toBe(255)
  })

  it('is gone after close: processes, networks, mounts, control groups, notes', async () => {
    const other = await openFleet({ hosts: { 'gone-one': 'client', 'gone-two': 'builder' } })
    const networks = other.hosts.map(({ pid }) => readlinkSync(`/proc/${pid}/ns/net`))
    await other.host('gone-one').desktop()
    await other.close()
    expect(processesIn(networks)).toEqual([])
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('millwright-world')
    expect(noteOf(other.number)).not.toContain('gone-')
    expect(openNotes().flatMap(({ hosts }) => Object.keys(hosts))).not.toContain('gone-one')
    const groups = (await run(['find', '/sys/fs/cgroup', '-name', 'gone-*'])).stdout
    expect(groups).toBe('')
  })

  it('is gone after a crash too, and the next fleet removes its note', async () => {
    const play = spawn(process.execPath, ['scripts/world.mjs', 'up', 'lonely=builder'])
    const number = await new Promise<number>((resolve) => {
      createInterface({ input: play.stdout }).on('line', (line) => {
        if (line.startsWith('fleet ')) resolve(Number(line.slice(6)))
      })
    })
    const pid = openNotes().find((note) => note.number === number)?.hosts.lonely?.keeper?.pid ?? 0
    const network = readlinkSync(`/proc/${pid}/ns/net`)
    play.kill('SIGKILL')
    await until('the host is dead', async () => processesIn([network]).length === 0)
    await (await openFleet({ hosts: {} })).close()
    expect(noteOf(number)).not.toContain('lonely')
  })

  /** Writes what a person would have confirmed at the first login. */
  async function trustHostKeys(user: 'dev' | 'root'): Promise<void> {
    const lines = (await fleet.host('anna').hostKeys()).map((key) => `anna ${key}\n`)
    const home = user === 'root' ? '/root' : '/home/dev'
    await fleet.host('client').writeFile(`${home}/.ssh/known_hosts`, lines.join(''), { owner: user })
  }
})

/** What is noted under a number, which may be another fleet's by now. */
function noteOf(number: number): string {
  const note = `/run/millwright-world/${number}/fleet.json`
  return existsSync(note) ? readFileSync(note, 'utf8') : ''
}

function processesIn(networks: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return networks.includes(readlinkSync(`/proc/${pid}/ns/net`))
      } catch {
        return false // It ended meanwhile, or waits to be reaped.
      }
    })
}

const action = (
  id: string,
  active: string,
) => `<action id="${id}"><description>x</description><message>x</message>
<defaults><allow_any>no</allow_any><allow_inactive>no</allow_inactive><allow_active>${active}</allow_active></defaults>
</action>`
const policy = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig>${action('test.active', 'yes')}${action('test.admin', 'auth_admin')}</policyconfig>
`
