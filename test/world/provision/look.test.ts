import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Question } from '../../../contract/job'
import { passwordOwner } from '../../../core/login/root-way'
import { planProvision } from '../../../core/provision/plan'
import { cleanText } from '../../../core/text/clean-text'
import { createSsh } from '../../../main/adapters/ssh/ssh'
import { FailureError, toFailure } from '../../../main/failures'
import type { Job } from '../../../main/jobs/job'
import { lookAsRoot } from '../../../main/usecases/planning/look-as-root'
import { inspect, needsSudoPassword, runOptions } from '../../../main/usecases/steps/remote-session'
import { type Fleet, openFleet } from '../fleet/fleet'
import type { Forward } from '../fleet/forward'
import { newNonce, scripts } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
type Name = 'anna' | 'late' | 'busy'
const names: readonly Name[] = ['anna', 'late', 'busy']
const ports = { scripts, clock: { newId: newNonce, now: () => new Date() } }

describe.skipIf(!isRoot)('looking at a machine (needs root on Debian 12: sudo npm test -- world)', () => {
  let fleet: Fleet<Name>
  let home: string
  const forwards = new Map<Name, Forward>()

  beforeAll(async () => {
    fleet = await openFleet({ hosts: { anna: 'builder', late: 'builder-latest', busy: 'busybox' } })
    for (const name of names) forwards.set(name, await fleet.forward(name, 22))
    // Nobody could restart its daemon, so that whom it trusts stands there from the beginning.
    const busy = fleet.host('busy')
    await busy.writeFile('/etc/nix/nix.conf', 'trusted-users = root nixremote\nsubstituters =\n')
    await busy.restartDaemon()
    home = mkdtempSync(join(tmpdir(), 'look-home-'))
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    writeFileSync(join(home, '.ssh/id_ed25519'), fleet.credentials.key.privateKey, { mode: 0o600 })
  })

  afterAll(async () => {
    await fleet?.close()
    rmSync(home, { recursive: true, force: true })
  })

  /** Looks as adding does, up to the point where something would be changed; passwords by whose they are. */
  async function look(name: Name, user: string, passwords: Readonly<Record<string, string>> = {}) {
    const forward = forwards.get(name)
    if (!forward) throw new Error(`${name} has no forward`)
    const asked: string[] = []
    const notes: string[] = []
    const ask = async (question: Question): Promise<Answer> => {
      if (question.kind !== 'sudo-password') return { kind: question.kind === 'host-key' ? 'yes' : 'no' }
      asked.push(question.user)
      return { kind: 'secret', secret: passwords[question.user] ?? '' }
    }
    const { signal } = new AbortController()
    const nothing = async () => {}
    const job: Job = {
      ...{ id: 'look', signal, ask, show: () => {}, undo: nothing, always: () => {}, leave: () => {} },
      note: (text) => notes.push(text),
    }
    const system = { knownHostsFile: join(home, 'own', 'known_hosts'), systemDir: join(home, 'etc') }
    const ssh = createSsh({
      ...{ ...system, homeDir: home, userName: 'dev', agentSocket: undefined, connectTimeoutMs: 5000 },
    })
    const host = await ssh.open({ user, host: forward.host, port: forward.port }, ask, signal)
    const began = performance.now()
    try {
      const facts = await inspect(ports, job, host)
      const plan = (found: typeof facts) =>
        planProvision({
          ...{ facts: found, options: {}, scripts, installId: '0123abcd', id: 'anna' },
          local: { nixVersion: 'nix (Nix) 2.8.0', system: 'x86_64-linux' },
        })
      const planned = plan(facts)
      if (!planned.ok) throw new FailureError(planned.failure)
      const { parameters } = planned.value
      const given = needsSudoPassword(facts, parameters)
        ? { sudoPassword: passwords[passwordOwner(facts, user)] ?? '' }
        : {}
      const far = await lookAsRoot(ports, job, { host, facts, ...given }, parameters, plan)
      const { stdout } = await host.run('id -un', runOptions(far, parameters, signal))
      return {
        facts: far.facts,
        parameters,
        ranAs: cleanText(stdout).trim(),
        asked,
        notes,
        failure: undefined,
      }
    } catch (error) {
      return { failure: toFailure(error), asked, notes, tookMs: performance.now() - began }
    } finally {
      await host.close()
    }
  }

  const passwordOf = (user: string) => ({ [user]: fleet.credentials.passwords[user] ?? '' })

  /** A host with lines in a file for as long as the look takes. */
  async function lookWith(
    name: Name,
    path: string,
    text: string,
    ...rest: [string, Record<string, string>?]
  ) {
    await fleet.host(name).writeFile(path, text, { mode: path.includes('sudoers') ? '0440' : '0644' })
    const found = await look(name, ...rest)
    await fleet.host(name).must(['rm', path])
    return found
  }

  const rules = '/etc/ssh/sshd_config.d/rules.conf'
  const sudoers = '/etc/sudoers.d/rules'

  it('tells within seconds what runs in the place of the look, and quotes it', async () => {
    const anna = fleet.host('anna')
    const key = fleet.credentials.key.publicKey
    const cases: Readonly<Record<string, { bashrc?: string; options?: string; shell?: string; is: object }>> =
      {
        closed: {
          shell: '/usr/sbin/nologin',
          is: { instead: 'ended', said: 'This account is currently not available.', status: '1' },
        },
        leaver: { bashrc: 'exit 0\n', is: { instead: 'ended', status: '0' } },
        forced: {
          options: 'command="echo Only backups here; exit 4" ',
          is: { instead: 'ended', status: '4' },
        },
        wiki: { options: 'command="nix-daemon --stdio" ', is: { instead: 'other-program' } },
        other: { bashrc: 'exec /bin/sh\n', is: { instead: 'other-program' } },
        reader: {
          bashrc: 'echo Who?; read x\n',
          is: { instead: 'reads-input', said: 'Who?', shell: '/bin/bash' },
        },
        talker: { bashrc: 'while :; do echo tick; done\n', is: { instead: 'endless', said: 'tick' } },
        sleeper: { bashrc: 'sleep 40\n', is: { instead: 'silent' } },
      }
    for (const [user, { bashrc = '', options = '', shell = '/bin/bash' }] of Object.entries(cases)) {
      await anna.must(['useradd', '--create-home', '--shell', shell, '--password', '*', user])
      await anna.writeFile(`/home/${user}/.bashrc`, bashrc, { owner: user })
      await anna.writeFile(`/home/${user}/.ssh/authorized_keys`, `${options}${key}\n`, {
        owner: user,
        mode: '0600',
      })
    }
    await anna.must(['usermod', '--append', '--groups', 'nix-users', 'wiki'])
    const looks = Object.entries(cases).map(async ([user, { is }]) => ({
      user,
      is,
      found: await look('anna', user),
    }))
    const done = await Promise.all(looks)
    for (const { user, is, found } of done) {
      expect({ user, ...found.failure }).toMatchObject({ user, code: 'REMOTE_COMMAND_NOT_RUN', facts: is })
      expect(found.tookMs).toBeLessThan(15_000)
    }
  })

  describe('asks sshd from where builds will come', () => {
    it.each([
      [
        'late',
        'easy',
        'Match Address 10.213.0.0/16\nAllowUsers easy\n',
        '“AllowUsers easy” does not name nixremote',
      ],
      ['anna', 'admin', 'Match User nixremote\nForceCommand internal-sftp\n', '“ForceCommand internal-sftp”'],
      [
        'anna',
        'easy',
        'AuthenticationMethods publickey,password publickey,hostbased\n',
        '“AuthenticationMethods',
      ],
      [
        'busy',
        'easy',
        'Match User nixremote\nPubkeyAcceptedAlgorithms rsa-sha2-512\n',
        'leaves out ssh-ed25519',
      ],
    ] as const)('of %s as %s: %s', async (name, user, text, reason) => {
      const found = await lookWith(name, rules, text, user)
      expect(found.failure).toMatchObject({
        code: 'REMOTE_SSHD_REFUSES',
        facts: { reason: expect.stringContaining(reason) },
      })
    })

    it('as root before anything is changed, where nobody else may read its settings', async () => {
      const anna = fleet.host('anna')
      await anna.writeFile(rules, 'DenyUsers nixremote\n', { mode: '0600' })
      const refused = await look('anna', 'admin', passwordOf('admin'))
      await anna.must(['rm', rules])
      expect(refused.failure).toMatchObject({ code: 'REMOTE_SSHD_REFUSES' })
      const fine = await look('anna', 'admin', passwordOf('admin'))
      expect(fine).toMatchObject({ ranAs: 'root', notes: [], failure: undefined })
    })
  })

  describe('finds the way to root by asking', () => {
    it.each([
      ['anna', 'plain', 'plain ALL=(ALL) ALL\n', 'sudo-unsure'],
      ['late', 'plain', 'plain ALL=(ALL) ALL\nplain ALL=(ALL) NOPASSWD: /usr/bin/id\n', 'sudo-password'],
      ['anna', 'plain', 'Defaults:plain requiretty\nplain ALL=(ALL) ALL\n', 'sudo-terminal'],
      ['late', 'plain', 'Defaults:plain requiretty\nplain ALL=(ALL) NOPASSWD: ALL\n', 'sudo-terminal'],
    ] as const)('on %s as %s with “%s”', async (name, user, text, root) => {
      const found = await lookWith(name, sudoers, text, user, passwordOf(user))
      expect(found).toMatchObject({ facts: { root }, ranAs: 'root', failure: undefined, asked: [] })
    })

    it('asks for root’s password where sudo does, and for no other', async () => {
      await fleet.host('anna').must(['chpasswd'], { input: 'root:of-root\n' })
      const passwords = { ...passwordOf('admin'), root: 'of-root' }
      const found = await lookWith('anna', sudoers, 'Defaults:admin rootpw\n', 'admin', passwords)
      expect(found).toMatchObject({ ranAs: 'root', asked: ['root'], facts: { passwordOwner: 'root' } })
    })

    it('takes doas with a password, and tells a wrong one', async () => {
      const found = await look('busy', 'admin', passwordOf('admin'))
      expect(found).toMatchObject({ facts: { root: 'doas-password' }, ranAs: 'root' })
      const wrong = await look('busy', 'admin', { admin: 'wrong' })
      expect(wrong.failure).toMatchObject({ code: 'SUDO_PASSWORD_WRONG' })
    })

    it('says of a login that sudo turns out to refuse what is missing without root', async () => {
      const found = await look('anna', 'plain', passwordOf('plain'))
      expect(found.failure).toMatchObject({ code: 'REMOTE_USER_NOT_TRUSTED', facts: { user: 'plain' } })
      expect(found.failure?.detail).toContain('plain is not in the sudoers file.')
      const wrong = await look('anna', 'plain', { plain: 'wrong' })
      expect(wrong.failure).toMatchObject({ code: 'SUDO_PASSWORD_WRONG' })
    })

    it('takes su, with root’s password, where there is nothing else', async () => {
      const late = fleet.host('late')
      await late.must(['chpasswd'], { input: 'root:of-root\n' })
      await late.must(['chmod', '0', '/usr/bin/sudo'])
      const found = await look('late', 'plain', { root: 'of-root' })
      const wrong = await look('late', 'plain', { root: 'wrong' })
      await late.must(['chmod', '4755', '/usr/bin/sudo'])
      expect(found).toMatchObject({ facts: { root: 'su' }, ranAs: 'root' })
      expect(wrong.failure).toMatchObject({ code: 'SUDO_PASSWORD_WRONG', facts: { user: 'root' } })
    })
  })

  it('finds a Nix that only a login shell sees, and never advises another one over a store', async () => {
    const late = fleet.host('late')
    await late.must(['nix-store', '--verify'])
    await late.must(['sh', '-c', 'mkdir -p /srv/tools/bin && mv /usr/bin/nix* /srv/tools/bin/'])
    const lost = await look('late', 'easy')
    await late.writeFile('/home/easy/.profile', 'PATH=/srv/tools/bin:$PATH\n', { owner: 'easy' })
    const found = await look('late', 'easy')
    await late.must(['sh', '-c', 'mv /srv/tools/bin/nix* /usr/bin/; rm /home/easy/.profile'])
    expect(lost.failure).toMatchObject({ code: 'REMOTE_NIX_NOT_FOUND', facts: { owner: 'root' } })
    expect(found).toMatchObject({ facts: { nix: { binDir: '/srv/tools/bin' } } })
  })
})
