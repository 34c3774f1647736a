import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../fleet/host'
import type { Tree } from '../fleet/tree'
import { installHelperOn } from '../kit/install-helper'
import { type Machines, openMachines } from '../kit/remote-kit'
import { millwright, startMillwright } from '../kit/terminal'

const isRoot = process.getuid?.() === 0
type Hosts = 'anna'

/** Programs that the scripts for builders call, or that Nix brings. */
const planted = [
  ...['nix', 'nix-store', 'nix-daemon', 'nix-env', 'sudo', 'doas', 'sh', 'env', 'id', 'ls', 'stat', 'cat'],
  ...[
    'awk',
    'sed',
    'grep',
    'readlink',
    'systemctl',
    'loginctl',
    'sshd',
    'ps',
    'df',
    'head',
    'tail',
    'tr',
    'cut',
  ],
  ...['useradd', 'usermod', 'userdel', 'cp', 'mv', 'ln', 'rm', 'mkdir', 'chmod', 'date', 'setsid', 'timeout'],
]

/** Notes who runs it, and what it is told, and then is what it stands for. */
const impostor = `#!/bin/bash
PATH=/usr/sbin:/usr/bin:/sbin:/bin
name=$(basename "$0")
echo "$(id -un) ran $name" >>/tmp/ran
if [ "$name" = sudo ]; then tee -a /tmp/told | exec /usr/bin/sudo "$@"; fi
if [ "$name" = ls ]; then exec /usr/bin/ls "$@" | sed 's/nix-users/shadow/'; fi
exec "$(command -v "$name")" "$@"
`

describe.skipIf(!isRoot)('a hostile login (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<Hosts>
  let client: Host
  let anna: Host
  let before: Tree

  /** Whatever a login's own files can put in the way, for sshd, for each shell and for Nix. */
  async function takeOver(login: string): Promise<void> {
    const home = `/home/${login}`
    const own = { owner: login }
    for (const name of planted)
      await anna.writeFile(`${home}/evil/${name}`, impostor, { ...own, mode: '0755' })
    await anna.writeFile(`${home}/conf/nix.conf`, 'trusted-users = root easy\n', own)
    const functions = ['sudo', 'nix-store', 'id', 'ls', '/usr/bin/sudo', '/bin/sh', 'printf', 'awk'].map(
      (name) =>
        `function ${name} { echo "$(/usr/bin/id -un) ran a function" >>/tmp/ran; }\nexport -f ${name}\n`,
    )
    const start = [
      `export PATH=${home}/evil:$PATH NIX_CONF_DIR=${home}/conf NIX_REMOTE=local NIX_STATE_DIR=${home} LC_ALL=de_DE`,
      `export BASH_ENV=${home}/evil/env ENV=${home}/evil/env XDG_CONFIG_HOME=${home}/conf CDPATH=/ PS_FORMAT=x`,
      `shopt -s expand_aliases; alias env=true sudo=${home}/evil/sudo\n`,
    ]
    for (const file of ['.bashrc', '.profile', '.zshenv'])
      await anna.writeFile(`${home}/${file}`, `${start.join('\n')}${functions.join('')}`, own)
    await anna.writeFile(`${home}/.ssh/environment`, `PATH=${home}/evil:/usr/bin:/bin\nIFS=x\n`, own)
    await anna.must([
      'sed',
      '-i',
      `s|^|environment="NIX_CONF_DIR=${home}/conf" |`,
      `${home}/.ssh/authorized_keys`,
    ])
  }

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder' })
    client = side.fleet.host('client')
    anna = side.fleet.host('anna')
    expect((await installHelperOn(client)).code).toBe(0)
    await client.writeFile('/tmp/key', side.fleet.credentials.key.privateKey, { mode: '0600' })
    await anna.writeFile('/etc/ssh/sshd_config.d/environment.conf', 'PermitUserEnvironment yes\n')
    await anna.must(['systemctl', 'reload', 'ssh'])
    await anna.must(['install', '-m', '0666', '/dev/null', '/tmp/ran'])
    await anna.must(['install', '-m', '0666', '/dev/null', '/tmp/told'])
    for (const login of ['easy', 'admin']) await takeOver(login)
    before = await side.tree('anna')
  })

  afterAll(() => side?.close())

  it.each([
    ['easy', ''],
    ['admin', ' --sudo-password-stdin'],
  ])('of %s has nothing of its own run as root, told a password, or written down', async (login, how) => {
    const password = side.fleet.credentials.passwords[login] ?? ''
    const line = `add ${login}@anna --identity /tmp/key --trust-new-host-key --yes --json${how}`
    const { last } = await startMillwright(client, line, how ? `${password}\n` : '').ended
    expect(last).toMatchObject({ result: 'added', proof: { builtOn: 'anna' } })
    const ran = (await anna.readFile('/tmp/ran')).split('\n').filter(Boolean)
    expect(ran.filter((said) => !/^(easy|admin) ran (?!sudo)/.test(said))).toEqual([])
    expect(await anna.readFile('/tmp/told')).toBe('')
    const traces = await anna.sh('grep -rlE "/home/|shadow" /var/lib/millwright /etc/nix')
    expect(traces.stdout).toBe('')
    expect(await anna.must(['id', '-Gn', 'nixremote'])).toBe('nixremote nix-users\n')
    // At once after the build of the proof: logind still keeps the user's manager.
    const removed = await millwright(client, `remove anna --yes${how}`, { input: how ? `${password}\n` : '' })
    expect(removed).toMatchObject({ code: 0 })
    await anna.sh('rm -f /home/admin/.sudo_as_admin_successful')
    expect(await side.tree('anna')).toEqual(before)
  })

  it.each([
    ['a Nix of its own', { nix_bin: '/home/easy/evil' }, 'REMOTE_NOT_ROOTS'],
    ['a Nix by way of a link', { nix_bin: '/home/easy/link' }, 'REMOTE_NOT_ROOTS'],
    ['a Nix by way of /usr', { nix_bin: '/usr/bin/../../home/easy/evil' }, 'REMOTE_NOT_ROOTS'],
    ['a file of root’s', { conf_file: '/etc/shadow' }, 'REMOTE_LOOK_DIFFERS'],
    ['a nix.conf of its own', { conf_file: '/home/easy/conf/nix.conf' }, 'REMOTE_LOOK_DIFFERS'],
    ['a group that the socket is not kept for', { socket_group: 'shadow' }, 'REMOTE_LOOK_DIFFERS'],
    ['root’s group', { socket_group: 'root' }, 'REMOTE_LOOK_DIFFERS'],
    [
      'somebody whom Nix does not trust',
      { trust: 'trusted-users = root easy nixremote' },
      'REMOTE_LOOK_DIFFERS',
    ],
    ['a store of somebody’s', { mode: 'own', run_as: 'owner', user: 'plain' }, 'REMOTE_LOOK_DIFFERS'],
  ] as const)('names %s to root in vain', async (_, odd, code) => {
    await anna.must(['ln', '-sfn', '/usr/bin', '/home/easy/link'], { user: 'easy' })
    const withLink = await side.tree('anna')
    const far = await side.far('anna', 'root')
    const planned = await far.plan(side.install)
    if (!planned.ok) throw new Error(planned.failure.code)
    const outcome = await far.tryProvision(side.install, { ...planned.value.parameters, ...odd })
    expect(outcome).toMatchObject({ ok: false, failure: { code } })
    expect(await side.tree('anna')).toEqual(withLink)
    expect(await anna.readFile('/tmp/ran')).not.toContain('root ran')
  })

  it('keeps the daemon’s socket for a group that can do more, and so gets no user into it', async () => {
    const socket = '/nix/var/nix/daemon-socket'
    const group = (await anna.must(['stat', '-c', '%G', socket])).trim()
    const far = await side.far('anna', 'root')
    await anna.must(['chgrp', 'sudo', socket])
    const planned = await far.plan(side.install)
    await anna.must(['chgrp', group, socket])
    expect(planned).toMatchObject({
      ok: false,
      failure: { code: 'REMOTE_GROUP_POWERFUL', facts: { group: 'sudo' } },
    })
  })

  it('is told by root where another than root can change what root would edit', async () => {
    const far = await side.far('anna', 'root')
    const planned = await far.plan(side.install)
    if (!planned.ok) throw new Error(planned.failure.code)
    await anna.must(['chmod', '0666', '/etc/nix/nix.conf'])
    const outcome = await far.tryProvision(side.install, planned.value.parameters)
    await anna.must(['chmod', '0644', '/etc/nix/nix.conf'])
    const reason = '/etc/nix/nix.conf can be changed by others than its owner'
    expect(outcome).toEqual({ ok: false, failure: { code: 'REMOTE_NOT_ROOTS', facts: { reason } } })
  })

  it.each([
    ['the installer’s profile', '/nix/var/nix/profiles/default'],
    ['root’s own profile', '/nix/var/nix/profiles/per-user/root/profile'],
    ['a system’s profile', '/run/current-system/sw'],
  ])('finds Nix in %s, and root goes on with it', async (_, profile) => {
    // In the store, as an installer lays it, and no longer where Debian has it.
    await anna.must([
      'sh',
      '-ec',
      `
      mkdir -p /nix/store/${'0'.repeat(32)}-nix/bin $(dirname ${profile})
      cp -a /usr/bin/nix /usr/bin/nix-* /nix/store/${'0'.repeat(32)}-nix/bin/
      ln -sfn /nix/store/${'0'.repeat(32)}-nix ${profile}
      mkdir -p /opt/aside && mv /usr/bin/nix-store /opt/aside/`,
    ])
    const far = await side.far('anna', 'root')
    const planned = await far.plan(side.install)
    const outcome = planned.ok && (await far.tryProvision(side.install, planned.value.parameters))
    const undone = planned.ok && (await far.unprovision(planned.value.parameters))
    await anna.must([
      'sh',
      '-ec',
      `mv /opt/aside/nix-store /usr/bin/; rm ${profile}; rm -r /nix/store/0000*-nix`,
    ])
    expect(planned).toMatchObject({ ok: true, value: { parameters: { nix_bin: `${profile}/bin` } } })
    expect([outcome, undone]).toMatchObject([{ ok: true }, { ok: true }])
  })
})
