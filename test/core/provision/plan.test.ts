import { describe, expect, it } from 'vitest'
import type { RemoteFacts } from '../../../contract/remote'
import { remoteFiles } from '../../../core/provision/remote-files'
import { removalCommands } from '../../../core/provision/removal'
import { someFacts, withNix } from '../../fixtures/facts'
import {
  buildKey,
  collectKey,
  installId,
  monitorKey,
  newNix,
  oldNix,
  planned,
} from '../../fixtures/provisioning'

describe('the plan', () => {
  it('says each change in a sentence, with its target and how it is taken back', () => {
    const { changes } = planned(someFacts()).plan
    expect(changes.map(({ target }) => target)).toEqual([
      '/var/lib/millwright/bin',
      'user nixremote',
      '/etc/nix/nix.conf',
      'nix-daemon',
      '/var/lib/millwright/home/.ssh/authorized_keys',
    ])
    for (const { what, undo } of changes) {
      expect(what).toMatch(/^[A-Z].*\.$/)
      expect(undo).toMatch(/^Removing .*\.$/)
    }
  })

  it('names the program by which the scripts get to Nix, and makes no user', () => {
    const wayIn = { kind: 'bwrap', program: '/usr/bin/bwrap', store: '/home/admin/.nix' } as const
    const inside = withNix({ kind: 'single-user', storeOwner: 'admin' }, { wayIn })
    const { plan, parameters } = planned(inside)
    expect(plan.changes[0]?.what).toContain('which they reach by /usr/bin/bwrap.')
    expect(plan.script).toContain("way_in='bwrap'")
    expect(parameters).toMatchObject({ mode: 'own', run_as: 'login', way_store: '/home/admin/.nix' })
    const other = planned(withNix({ kind: 'single-user', storeOwner: 'admin' })).parameters
    expect(parameters.scripts_hash).not.toBe(other.scripts_hash)
  })

  it('is empty when everything is as wanted', () => {
    const { parameters } = planned(someFacts())
    const done: RemoteFacts = withNix(
      { trustedUsers: ['root', 'nixremote'] },
      {
        accounts: [{ name: 'nixremote', home: '/var/lib/millwright/home' }],
        scripts: [{ base: '/var/lib/millwright', hash: parameters.scripts_hash }],
        fragment: [parameters.trust],
        keys: [
          { install: installId, builder: 'anna', role: 'build', key: 'B'.repeat(68) },
          { install: installId, builder: 'anna', role: 'monitor', key: 'M'.repeat(68) },
          { install: installId, builder: 'anna', role: 'collect', key: 'C'.repeat(68) },
        ],
      },
    )
    expect(planned(done)).toMatchObject({ plan: { changes: [] }, parameters })
  })

  it('says how many builds go on through the restart', () => {
    const restart = planned({ ...someFacts(), runningBuilds: 3 }).plan.changes.find(
      ({ target }) => target === 'nix-daemon',
    )
    expect(restart?.what).toContain('3 builds running there will go on')
  })

  it('asks for consent to a trusted user where there will be one', () => {
    const single = withNix({ kind: 'single-user', storeOwner: 'solo' })
    const consents = (found: RemoteFacts) => planned(found).plan.consents.join(' ')
    expect(consents(someFacts())).toContain('trusted user')
    expect(consents(single)).not.toContain('trusted user')
    expect(consents(single)).toContain('trust whatever otto builds')
  })

  it('says plainly that only signed inputs are taken, where no trust can be had', () => {
    const found = withNix({ version: 'nix (Nix) 2.26.3' }, { root: 'none' })
    const { plan, parameters } = planned(found, {}, 'nix (Nix) 2.26.3')
    expect(plan.consents.join(' ')).toContain('does not trust admin, and takes only inputs that are signed')
    expect(plan.consents.join(' ')).not.toContain('what root can')
    expect(parameters).toMatchObject({ mode: 'own', run_as: 'login', trust: '' })
  })

  it('shows the script that will run, before there is a key', () => {
    const { script } = planned(someFacts()).plan
    expect(script).toContain("user='nixremote'")
    expect(script).toContain('echo serve')
    expect(script).toContain('once you approve')
  })
})

describe('access to the daemon over there', () => {
  const access = (found: RemoteFacts, nixVersion = oldNix) => {
    const { trust, socket_group } = planned(found, {}, nixVersion).parameters
    return { trust, socket_group }
  }
  const none = { trust: '', socket_group: '' }

  it.each([oldNix, newNix])(
    'is trust, whether or not the client’s Nix (%s) could do without',
    (nixVersion) => {
      expect(access(someFacts(), nixVersion)).toEqual({ ...none, trust: 'extra-trusted-users = nixremote' })
    },
  )

  it('writes the whole list anew for a Nix that knows no extra-', () => {
    const old = withNix({ version: 'nix (Nix) 2.3.18', trustedUsers: ['root', '@wheel', "o'dd"] })
    expect(access(old).trust).toBe('trusted-users = root @wheel nixremote')
  })

  it('is left to the administrator who has trusted everybody', () => {
    expect(access(withNix({ trustedUsers: ['*'] }))).toEqual(none)
  })

  it('is the group that the socket is kept for', () => {
    expect(access(withNix({ socketGroup: 'nix-users', trustedUsers: ['*'] }))).toEqual({
      ...none,
      socket_group: 'nix-users',
    })
  })
})

describe('whom builds log in as', () => {
  it.each([
    [
      'its own user where root can make one',
      someFacts(),
      { mode: 'dedicated', run_as: 'root', user: 'nixremote' },
    ],
    [
      'millwright where nixremote is somebody else’s',
      { ...someFacts(), accounts: [{ name: 'nixremote', home: '/home/nixremote' }] },
      { user: 'millwright' },
    ],
    [
      'the login user without root, if it is trusted',
      withNix({ trustedUsers: ['@sudo'] }, { root: 'none' }),
      { mode: 'own', run_as: 'login', user: 'admin', trust: '' },
    ],
    [
      'the owner of a single-user store',
      withNix({ kind: 'single-user', storeOwner: 'admin' }, { root: 'none' }),
      { mode: 'own', run_as: 'login', user: 'admin', trust: '' },
    ],
    [
      'the owner of a single-user store, by way of root',
      withNix({ kind: 'single-user', storeOwner: 'solo' }),
      { mode: 'own', run_as: 'owner', user: 'solo', trust: '' },
    ],
    [
      'the login user of a Mac',
      withNix({ trustedUsers: ['@admin'] }, { kernel: 'darwin', groups: ['staff', 'admin'] }),
      { mode: 'own', run_as: 'login', user: 'admin' },
    ],
  ] as const)('is %s', (_, found, expected) => {
    expect(planned(found as RemoteFacts).parameters).toMatchObject(expected)
  })
})

describe('what lies there afterwards', () => {
  it('is told file by file, with the key lines', () => {
    const files = remoteFiles(planned(someFacts()).parameters, someFacts(), buildKey)
    const keys = files.find(({ path }) => path.endsWith('authorized_keys'))
    expect(keys?.content).toBe(
      [
        `restrict,command="/var/lib/millwright/bin/millwright-serve" ${buildKey} millwright-anna millwright:${installId}:build\n`,
        `restrict,command="/var/lib/millwright/bin/millwright-probe" ${monitorKey} millwright-anna millwright:${installId}:monitor\n`,
        `restrict,command="/var/lib/millwright/bin/millwright-collect" ${collectKey} millwright-anna millwright:${installId}:collect\n`,
      ].join(''),
    )
    expect(files.map(({ path }) => path)).toContain('/etc/nix/nix.conf')
  })

  it('is removed by hand with whatever still runs as its user, and by the words of who runs the daemon there', () => {
    const { parameters } = planned(someFacts())
    const commands = (daemonManager?: 'openrc' | 'none') =>
      removalCommands(parameters, daemonManager ? { nix: { daemonManager } } : {}).join('\n')
    expect(commands()).toMatch(/systemctl stop "user-\$\(id -u nixremote\)\.slice".*; userdel nixremote/)
    expect(commands()).toContain('systemctl try-restart nix-daemon')
    expect(commands('openrc')).toContain('rc-service nix-daemon restart')
    expect(commands('none')).not.toMatch(/(systemctl|rc-service) .*nix-daemon/)
    expect(commands('none')).toContain('restart the Nix daemon of that machine')
  })

  it('can be removed by hand when the machine is gone', () => {
    const { parameters } = planned(someFacts())
    const commands = removalCommands(parameters).join('\n')
    for (const word of [
      ` millwright-anna millwright:${installId}:`,
      'userdel nixremote',
      '!include',
      'rm -r /var/lib/millwright',
    ]) {
      expect(commands).toContain(word)
    }
    expect(removalCommands({ ...parameters, user: '; reboot' })).toEqual([])
    // As a Millwright noted it that had no third key yet.
    const { collect_key: _, ...earlier } = parameters
    expect(removalCommands(earlier)).toEqual(removalCommands(parameters))
    // Nor a name in its key lines.
    const { builder: __, ...untagged } = parameters
    expect(removalCommands(untagged).join('\n')).toContain(` ssh-ed25519 [^ ]* millwright:${installId}:|d`)
    const untrusting = { ...parameters, trust: '' }
    expect(removalCommands(untrusting).join('\n')).not.toContain('!include')
    expect(removalCommands(untrusting, { signs: true }).join('\n')).toContain('!include') // it names the signing key
  })
})
