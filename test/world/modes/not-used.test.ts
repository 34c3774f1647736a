import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Host } from '../fleet/host'
import { derivation } from '../kit/derivation'
import { installHelperOn } from '../kit/install-helper'
import { millwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
const hosts = { client: 'client', anna: 'builder', otto: 'builder' } as const
const nixConf = '/etc/nix/nix.conf'
const dropIn = '/etc/systemd/system/nix-daemon.service.d/ours.conf'
const legacy = 'builders = ssh://legacy@10.9.9.9 x86_64-linux'

interface InTheWay {
  readonly what: string
  /** As root, on the client, where anna is added and on. */
  readonly breaks: string
  readonly mends: string
  /** In what the terminal says of it. */
  readonly says: RegExp
  /** Resuming mends it, and nothing else has to. */
  readonly isOurs?: true
}

const restart = 'systemctl daemon-reload; systemctl restart nix-daemon.service'
const takeOutLast = `sed -i '$d' ${nixConf}; ${restart}`
const dropInSays = (line: string) =>
  `mkdir -p ${dropIn.replace(/\/[^/]*$/, '')}; printf '[Service]\n%s\n' ${line} >${dropIn}; ${restart}`
const takeDropInOut = `rm ${dropIn}; ${restart}`

const obstacles: readonly InTheWay[] = [
  {
    what: 'a later line of nix.conf',
    breaks: `echo '${legacy}' >>${nixConf}; ${restart}`,
    mends: takeOutLast,
    says: /nix\.conf:\d+ decides about builders/,
  },
  {
    what: 'a file that a later line includes',
    breaks: `echo '${legacy}' >/etc/nix/more.conf; echo 'include more.conf' >>${nixConf}; ${restart}`,
    mends: takeOutLast,
    says: /\/etc\/nix\/more\.conf:1 decides about builders/,
  },
  {
    what: 'root’s own nix.conf',
    breaks: `mkdir -p /root/.config/nix; printf '\n${legacy}\n' >/root/.config/nix/nix.conf; ${restart}`,
    mends: `rm /root/.config/nix/nix.conf; ${restart}`,
    says: /\/root\/\.config\/nix\/nix\.conf:2 decides about builders/,
  },
  {
    what: 'NIX_CONFIG of the service',
    breaks: dropInSays(`'Environment="NIX_CONFIG=builders ="'`),
    mends: takeDropInOut,
    says: /ours\.conf:2 decides about builders/,
  },
  {
    what: 'a file with the environment of the service',
    breaks: `printf 'NIX_USER_CONF_FILES=/etc/nix/theirs.conf\n' >/etc/nix/env; echo '${legacy}' >/etc/nix/theirs.conf; ${dropInSays(`EnvironmentFile=/etc/nix/env`)}`,
    mends: takeDropInOut,
    says: /\/etc\/nix\/theirs\.conf:1 decides about builders/,
  },
  {
    what: 'an option of the service',
    breaks: dropInSays(`ExecStart= 'ExecStart=/usr/bin/nix-daemon --daemon --option builders ""'`),
    mends: takeDropInOut,
    says: /ours\.conf:4 decides about builders/,
  },
  {
    what: 'a line of a machines file that Nix cannot read',
    breaks: `echo 'ssh://x x86_64-linux - many' >/etc/nix/machines`,
    mends: 'rm /etc/nix/machines',
    says: /cannot read the builder at \/etc\/nix\/machines:1/,
  },
  {
    what: 'another program in the place of Nix’s own',
    breaks: `echo 'build-hook = /bin/false' >>${nixConf}; ${restart}`,
    mends: takeOutLast,
    says: /nix\.conf:\d+ sets build-hook/,
  },
  {
    what: 'a service that does not see root’s home',
    breaks: dropInSays('ProtectHome=yes'),
    mends: takeDropInOut,
    says: /cannot get to anna[\s\S]*ours\.conf:2/,
  },
  {
    what: 'a nix.conf that is written anew',
    breaks: `cp /root/nix.conf ${nixConf}; ${restart}`,
    mends: 'true',
    says: /no longer in \/etc\/nix\/nix\.conf/,
    isOurs: true,
  },
  {
    what: 'a configuration of root’s ssh that is written anew',
    breaks: `echo '# ours is gone' >/root/.ssh/config`,
    mends: 'true',
    says: /Include line in \/root\/\.ssh\/config/,
    isOurs: true,
  },
]

describe.skipIf(!isRoot)(
  'a builder that Nix does not use, on real hosts (needs root on Debian 12: sudo npm test -- world)',
  () => {
    let fleet: Fleet<keyof typeof hosts>
    let client: Host

    const run = (line: string, user = 'root') => millwright(client, line, { user })
    const add = (login: string) =>
      run(`add ${login} --identity /tmp/key --trust-new-host-key --yes --speed-factor 1`)
    /** Where an ordinary user's next build runs, or what Nix says. */
    const build = async (user = 'dev') => {
      await client.writeFile('/tmp/build.nix', derivation())
      const argv = ['nix-build', '--no-out-link', '-j0', '/tmp/build.nix']
      const { code, stdout, stderr } = await client.exec(argv, { user, timeoutMs: 60_000 })
      return code === 0 ? (await client.readFile(stdout.trim())).trim() : stderr
    }

    beforeAll(async () => {
      fleet = await openFleet({ hosts })
      client = fleet.host('client')
      expect((await installHelperOn(client)).code).toBe(0)
      await client.writeFile('/tmp/key', fleet.credentials.key.privateKey, { mode: '0600' })
      await client.must(['cp', nixConf, '/root/nix.conf'])
      expect(await add('easy@anna')).toMatchObject({ code: 0, stderr: '' })
    })

    afterAll(() => fleet?.close())

    it.each(obstacles)('is told apart, by $what', async ({ breaks, mends, says, isOurs }) => {
      await client.must(['sh', '-c', breaks])
      const before = await build()
      const said = await Promise.all(['list', 'status', 'test anna'].map((line) => run(line)))
      const resumed = await run('resume anna')
      await client.must(['sh', '-c', mends])
      expect(before).not.toBe('anna')
      expect(said.map(({ code }) => code)).toEqual([1, 1, 1])
      for (const { stdout, stderr } of said)
        expect(`${stdout}${stderr}`).toMatch(/does not (use|know) anna|cannot get to anna/)
      expect(`${said[0]?.stdout}`).toMatch(says)
      expect(`${said[0]?.stdout}`).toContain('not used')
      expect(resumed).toMatchObject({ code: isOurs ? 0 : 1 })
      expect((await run('list')).code).toBe(0)
      expect(await build()).toBe('anna')
    })

    it('is not added where the service says otherwise: it ends with what is in the way', async () => {
      await client.must(['sh', '-c', dropInSays(`'Environment="NIX_CONFIG=builders ="'`)])
      const { code, stdout, stderr } = await add('easy@otto')
      expect(code).toBe(1)
      expect(stdout).not.toContain('ready')
      expect(stderr).toContain('ours.conf:2')
      await client.must(['sh', '-c', takeDropInOut])
    })

    it('has a line of its own put back by a pause too, where that takes nobody’s password', async () => {
      await client.must(['sh', '-c', `cp /root/nix.conf ${nixConf}; ${restart}`])
      expect((await run('pause anna')).code).toBe(0)
      expect(await client.readFile(nixConf)).toContain('/etc/nix/millwright/current/nix.conf')
      expect((await run('resume anna')).code).toBe(0)
    })

    it('is said to be offered by another line, at once', async () => {
      await client.must(['sh', '-c', `echo 'ssh-ng://nixremote@${fleet.address('anna')}' >/etc/nix/machines`])
      expect((await run('list')).stdout).toContain('/etc/nix/machines:1 too')
      const paused = await run('pause anna')
      expect(paused.stdout).toContain('/etc/nix/machines:1 offers it too')
      expect((await run('list')).stdout).toContain('still offered by /etc/nix/machines:1')
      await client.must(['sh', '-c', 'rm /etc/nix/machines'])
      expect((await run('resume anna')).code).toBe(0)
    })

    it('is said to be in a list of the person’s own that the daemon takes', async () => {
      const folder = '/home/dev/.config/nix'
      await client.must(['sh', '-c', `echo 'trusted-users = root dev' >>${nixConf}; ${restart}`])
      await client.must([
        'sh',
        '-c',
        `mkdir -p ${folder}; echo 'builders = @${folder}/machines' >${folder}/nix.conf; echo 'ssh-ng://nixremote@anna x86_64-linux' >${folder}/machines; chown -R dev /home/dev/.config`,
      ])
      const { code, stdout } = await run('list', 'dev')
      expect(code).toBe(1)
      expect(stdout).toContain(`${folder}/nix.conf:1 sets builders for you`)
      expect(stdout).toContain(`${folder}/machines:1 too`)
      await client.must(['sh', '-c', `rm -r ${folder}; ${takeOutLast}`])
      expect((await run('list', 'dev')).code).toBe(0)
    })

    it('keeps building only remotely from being claimed', async () => {
      await run('pause anna')
      const { code, stderr } = await run('remote-only on', 'dev')
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('x86_64-linux') })
      await run('resume anna')
      expect((await run('remote-only on', 'dev')).code).toBe(0)
      await run('pause anna')
      expect((await run('status --prometheus', 'dev')).stdout).toContain('millwright_remote_only 0')
      await run('remote-only off', 'dev')
      await run('resume anna')
    })

    it('has its line in nix.custom.conf where an installer writes nix.conf, and stays when that is written anew', async () => {
      expect(await run('remove anna --yes')).toMatchObject({ code: 0, stderr: '' })
      const text = `${await client.readFile('/root/nix.conf')}\n!include nix.custom.conf\n`
      await client.writeFile(nixConf, text)
      expect(await add('easy@anna')).toMatchObject({ code: 0, stderr: '' })
      expect(await client.readFile(nixConf)).toBe(text)
      expect(await client.readFile('/etc/nix/nix.custom.conf')).toContain('millwright/current/nix.conf')
      await client.writeFile(nixConf, text)
      await client.must(['sh', '-c', restart])
      expect(await build()).toBe('anna')
      await client.must([
        'sh',
        '-c',
        `cp /root/nix.conf ${nixConf}; touch /usr/local/bin/determinate-nixd; ${restart}`,
      ])
      const { code, stdout } = await run('list')
      expect(code).toBe(1)
      expect(stdout).toContain('/etc/nix/nix.conf does not include that file')
    })
  },
)
