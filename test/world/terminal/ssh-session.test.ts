import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'
import type { Finished } from '../fleet/process'
import { derivation } from '../kit/derivation'

const isRoot = process.getuid?.() === 0
const long = { timeout: 180_000 }

/** polkit has nobody to ask there: the session is remote, and no agent runs in it. */
describe.skipIf(!isRoot)('an administrator in an SSH session (needs root: sudo npm test -- world)', () => {
  let fleet: Fleet<'desk' | 'server' | 'anna'>
  let desk: Host
  let server: Host

  const ssh = (user: string, options: readonly string[] = []) => [
    ...['ssh', '-i', '/root/key', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR', ...options],
    ...[`${user}@server`, nodeOnHost, `${projectOnHost}/out/main/cli.js`],
  ]
  const millwright = (user: string, line: string) => desk.exec([...ssh(user), ...line.split(' ')])
  /** With a terminal of its own, where a password is typed when one is asked for. */
  const typing = (user: string, line: string, password: string) =>
    new Promise<Finished>((resolve) => {
      const [command = '', ...args] = desk.enter([...ssh(user, ['-tt']), ...line.split(' ')])
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      let stdout = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (/\[sudo\] password for \w+: $/.test(text)) child.stdin.write(`${password}\n`)
      })
      child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr: '' }))
    })
  const build = async () => {
    await server.writeFile('/tmp/build.nix', derivation())
    const ran = await server.exec(['nix-build', '-j0', '--no-out-link', '/tmp/build.nix'], { user: 'plain' })
    return ran.code === 0 ? await server.readFile(ran.stdout.trim()) : ran.stderr
  }

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { desk: 'client', server: 'builder', anna: 'builder' } })
    desk = fleet.host('desk')
    server = fleet.host('server')
    const { privateKey } = fleet.credentials.key
    await desk.writeFile('/root/key', privateKey, { mode: '0600' })
    for (const owner of ['easy', 'admin', 'plain'])
      await server.writeFile(`/home/${owner}/key`, privateKey, { mode: '0600', owner })
  })
  afterAll(() => fleet?.close())

  it('adds, and the helper is installed on the way, by a sudo that asks nothing', long, async () => {
    const added = await millwright('easy', 'add easy@anna --identity key --trust-new-host-key --yes')
    expect(added).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Not authorized') })
    expect(added.stdout).toContain('anna is ready')
    expect(await build()).toBe('anna\n')
  })

  it('pauses and resumes by a sudo that asks for a password at the terminal', long, async () => {
    const { passwords } = fleet.credentials
    const paused = await typing('admin', 'pause anna', passwords.admin ?? '')
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining('[sudo] password') })
    expect(await build()).toContain('error:')
    expect((await typing('admin', 'resume anna', passwords.admin ?? '')).code).toBe(0)
    expect(await build()).toBe('anna\n')
  })

  it('is told the exact command where nothing opens, with exit status 4', long, async () => {
    const refused = await millwright('plain', 'pause anna')
    expect(refused.code).toBe(4)
    const command = /(printf %s '.*millwright-switch)/.exec(refused.stderr)?.[1] ?? ''
    expect(command).toContain('"op":"set-')
    expect(await build()).toBe('anna\n')
  })

  it('needs no polkit', long, async () => {
    await server.must(['mv', '/usr/bin/pkexec', '/root/pkexec'])
    expect(await millwright('easy', 'pause anna')).toMatchObject({ code: 0, stderr: '' })
    expect(await millwright('easy', 'resume anna')).toMatchObject({ code: 0, stderr: '' })
    expect(await build()).toBe('anna\n')
  })

  it('goes by hand where there is no sudo either: the command does it', long, async () => {
    await server.must(['mv', '/usr/bin/sudo', '/root/sudo'])
    const refused = await millwright('easy', 'pause anna')
    expect(refused.code).toBe(4)
    const command = /(printf %s '.*millwright-switch)/.exec(refused.stderr)?.[1] ?? ''
    expect(command).not.toContain('sudo')
    expect((await server.sh(command)).stdout).toContain('"code":"OK"')
    expect(await build()).toContain('error:')
    await server.must(['mv', '/root/sudo', '/usr/bin/sudo'])
  })

  it('removes, and nothing is left but the helper', long, async () => {
    expect(await millwright('easy', 'remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
    expect(await server.must(['ls', '/etc/nix'])).toBe('nix.conf\n')
    expect(await server.readFile('/etc/nix/nix.conf')).not.toContain('millwright')
  })
})
