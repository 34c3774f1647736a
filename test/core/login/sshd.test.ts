import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSshdKnown, whatJumpHostRefuses, whatSshdRefuses } from '../../../core/login/sshd'
import { isInNetwork, matchesPattern, matchesUserPattern } from '../../../core/login/sshd-patterns'
import { someFacts } from '../../fixtures/facts'

const folder = join(import.meta.dirname, '../../fixtures/sshd')
const releases = readdirSync(folder).map((name) => name.replace('.txt', ''))
const dedicated = { user: 'nixremote', groups: ['nixremote', 'nix-users'], home: '/var/lib/millwright/home' }
const own = { user: 'admin', groups: ['admin', 'sudo'], home: '/home/admin' }

/** What `sshd -T -C` printed on a host of that release, for one user, with lines changed or added. */
function readSettings(release: string, user: string, changes: readonly string[]) {
  const lines = readFileSync(join(folder, `${release}.txt`), 'utf8')
    .trim()
    .split('\n')
  const nameOf = (line: string) => (line.split(' ')[0] ?? '').toLowerCase()
  const changed = new Set(changes.map(nameOf))
  return [...lines.filter((line) => !changed.has(nameOf(line))), ...changes].map((line) => {
    const [name = '', ...values] = line.split(' ')
    return { user, name: name.toLowerCase(), values }
  })
}

function refusal(changes: readonly string[], account = dedicated, release = 'bookworm') {
  const settings = readSettings(release, account.user, changes)
  const sshd = { address: '10.1.2.3', host: 'dev.lan', isAnother: false, settings }
  return whatSshdRefuses({ sshd }, account)
}

describe('what sshd would do with builds', () => {
  it.each(releases)('is nothing to worry about as %s ships it', (release) => {
    expect(refusal([], dedicated, release)).toBeUndefined()
    expect(refusal([], own, release)).toBeUndefined()
  })

  it.each([
    [['AllowUsers root easy'], '“AllowUsers root easy” does not name nixremote from 10.1.2.3'],
    [
      ['allowusers nixremote@192.168.0.0/16'],
      '“AllowUsers nixremote@192.168.0.0/16” does not name nixremote',
    ],
    [['DenyUsers nix*@10.*'], '“DenyUsers nix*@10.*” names nixremote'],
    [['AllowGroups staff'], '“AllowGroups staff” names no group of nixremote'],
    [['DenyGroups nix-users'], '“DenyGroups nix-users” names a group of nixremote'],
    [['PubkeyAuthentication no'], '“PubkeyAuthentication no” refuses every key'],
    [['RefuseConnection yes'], '“RefuseConnection yes” refuses every key'],
    [['AuthenticationMethods publickey,password'], 'asks more of nixremote than a key'],
    [['PubkeyAcceptedAlgorithms rsa-sha2-512,ecdsa-sha2-nistp256'], 'leaves out ssh-ed25519'],
    [['pubkeyacceptedkeytypes rsa-sha2-512'], '“PubkeyAcceptedKeyTypes rsa-sha2-512” leaves out ssh-ed25519'],
    [
      ['AuthorizedKeysFile /etc/ssh/keys/%u'],
      '“AuthorizedKeysFile /etc/ssh/keys/%u” leaves out /var/lib/millwright/home/.ssh/authorized_keys',
    ],
    [['ForceCommand internal-sftp'], '“ForceCommand internal-sftp” runs in the place of what builds ask for'],
    [['ChrootDirectory /srv/%u'], '“ChrootDirectory /srv/%u” hides'],
    [['MaxSessions 0'], '“MaxSessions 0” lets no command run'],
  ])('is told by %s', (changes, reason) => {
    for (const release of releases) expect(refusal(changes, dedicated, release)).toContain(reason)
  })

  it.each([
    [['AllowUsers admin', 'AllowUsers nixremote@10.0.0.0/8']],
    [['AllowUsers nixremote@*.lan']],
    [['DenyUsers nixremote@192.168.*']],
    [['DenyUsers nixremote@10.0.0.0/8,!10.1.2.3']],
    [['AllowGroups nixremote']],
    [['AllowGroups nix-*']],
    [['AuthenticationMethods publickey,password publickey']],
    [['PubkeyAcceptedAlgorithms ssh-ed25519*']],
    [['AuthorizedKeysFile /etc/keys/%u %h/.ssh/authorized_keys']],
    [['AuthorizedKeysFile /var/lib/%u .ssh/authorized_keys .ssh/authorized_keys2']],
    [['ForceCommand none', 'ChrootDirectory none', 'MaxSessions 1']],
    [['SomethingOf2030 refuse-everybody']],
  ])('is nothing to worry about with %s', (changes) => {
    expect(refusal(changes)).toBeUndefined()
  })

  it('is told by the rule of PAM that keeps the user out, where sshd goes through it', () => {
    const settings = readSettings('forky', 'nixremote', [])
    const sshd = { address: '10.1.2.3', host: '10.1.2.3', isAnother: false, settings }
    const facts = someFacts({ sshd, pamAccess: ['-:ALL EXCEPT admin:ALL'] })
    expect(whatSshdRefuses(facts, dedicated)).toContain('“-:ALL EXCEPT admin:ALL” keeps nixremote out')
    const withoutPam = readSettings('forky', 'nixremote', ['UsePAM no'])
    expect(whatSshdRefuses({ ...facts, sshd: { ...sshd, settings: withoutPam } }, dedicated)).toBeUndefined()
  })

  it('is told for the login itself where builds come in as that', () => {
    expect(refusal(['AllowGroups sudo'], own)).toBeUndefined()
    expect(refusal(['AllowGroups wheel'], own)).toContain('names no group of admin')
    expect(refusal(['AuthorizedKeysFile /home/%u/.ssh/authorized_keys'], own)).toBeUndefined()
  })

  it('is told of a user whose groups and home nobody read only by what needs neither', () => {
    const settings = readSettings('forky', 'solo', ['AllowGroups wheel', 'AuthorizedKeysFile /etc/keys/%u'])
    const sshd = { address: '10.1.2.3', host: 'x', isAnother: false, settings }
    expect(whatSshdRefuses({ sshd }, { user: 'solo' })).toBeUndefined()
    const refusing = [...settings, { user: 'solo', name: 'denyusers', values: ['solo'] }]
    expect(whatSshdRefuses({ sshd: { ...sshd, settings: refusing } }, { user: 'solo' })).toContain(
      'names solo',
    )
  })

  it('is unknown where sshd could not be asked of that user, and is then not made up', () => {
    const sshd = {
      address: '10.1.2.3',
      host: 'x',
      isAnother: false,
      settings: readSettings('bookworm', 'admin', []),
    }
    expect(isSshdKnown(someFacts(), dedicated)).toBe(false)
    expect(isSshdKnown(someFacts({ sshd }), dedicated)).toBe(false)
    expect(isSshdKnown(someFacts({ sshd }), own)).toBe(true)
    expect(whatSshdRefuses({ sshd }, dedicated)).toBeUndefined()
    const another = { ...sshd, isAnother: true, settings: [] }
    expect(isSshdKnown(someFacts({ sshd: another }), dedicated)).toBe(true)
  })
})

describe('what sshd of a machine in between would do with root’s key', () => {
  const refusalThere = (changes: readonly string[]) => {
    const settings = readSettings('forky', 'admin', changes)
    const sshd = { address: '10.1.2.3', host: '10.1.2.3', isAnother: false, settings }
    return whatJumpHostRefuses({ sshd }, own, 'anna:22')
  }

  it.each([
    ['AllowTcpForwarding no', 'lets nothing through'],
    ['AllowTcpForwarding remote', 'lets nothing through'],
    ['DisableForwarding yes', 'lets nothing through'],
    ['PermitOpen bert:22 carl:22', 'does not name anna:22'],
    ['PubkeyAuthentication no', 'refuses every key'],
    ['AuthorizedKeysFile /etc/keys/%u', 'leaves out /home/admin/.ssh/authorized_keys'],
  ])('is told by %s', (line, reason) => {
    expect(refusalThere([line])).toBe(`“${line}” ${reason}`)
  })

  it.each([
    'AllowTcpForwarding local',
    'PermitOpen anna:22',
    'PermitOpen *:22',
    'ForceCommand /bin/false',
    'MaxSessions 0',
  ])('is nothing to worry about with %s', (line) => {
    expect(refusalThere([line])).toBeUndefined()
  })
})

describe('the patterns of sshd', () => {
  it.each([
    ['nixremote', 'nix*', true],
    ['nixremote', 'NIX*', false],
    ['a.b', 'a?b', true],
    ['a+b(c)', 'a+b(c)', true],
    ['aab', 'a+b', false],
    ['', '*', true],
  ])('“%s” and “%s”: %s', (text, pattern, is) => {
    expect(matchesPattern(text, pattern)).toBe(is)
  })

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.1.2.3/32', true],
    ['10.1.2.3', '11.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['fd00::1', 'fd00::/8', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['fd00::1', '10.0.0.0/8', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.*', undefined],
    ['10.1.2.3', 'lan', undefined],
  ])('%s in %s: %s', (address, network, is) => {
    expect(isInNetwork(address, network)).toBe(is)
  })

  it('answer whatever they are given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (user, address, pattern) => {
        expect(typeof matchesUserPattern({ user, address, host: address }, pattern)).toBe('boolean')
      }),
      { numRuns: 500 },
    )
  })
})
