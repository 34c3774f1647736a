import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Credentials, type HostKind, loginsOf, makeKeyPair } from './accounts'
import { layersOf } from './images'

export interface HostPlan {
  readonly name: string
  readonly kind: HostKind
  readonly address: string
}

/** Lays out the files that make a host itself, with their modes and owners, to be copied over its image. */
export async function writeSeed(
  folder: string,
  plan: HostPlan,
  everyone: readonly HostPlan[],
  credentials: Credentials,
): Promise<void> {
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o755 })
    writeFileSync(join(folder, path), text, { mode })
  }
  for (const kind of plan.kind === 'busybox' ? ['no-manager', 'busybox'] : [plan.kind]) {
    const own = join(import.meta.dirname, 'seeds', kind)
    if (existsSync(own)) cpSync(own, folder, { recursive: true, verbatimSymlinks: true })
  }
  put('etc/hostname', `${plan.name}\n`)
  put('etc/hosts', hostsFile(everyone))
  put('etc/resolv.conf', '')
  put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`)
  if (plan.kind === 'busybox') put('etc/doas.conf', 'permit nopass easy\npermit admin\n', 0o600)
  else put('etc/sudoers.d/easy', 'easy ALL=(ALL:ALL) NOPASSWD: ALL\n', 0o440)
  for (const [name, text] of Object.entries(accountFiles(plan.kind, credentials))) {
    put(`etc/${name}`, text, name.includes('shadow') ? 0o640 : 0o644)
    if (name.includes('shadow')) chownSync(join(folder, 'etc', name), 0, shadowGid)
  }
  if (plan.kind !== 'bare' && plan.kind !== 'chroot') put('etc/nix/nix.conf', nixConf(plan.kind))
  await Promise.all(
    ['ed25519', 'ecdsa'].map(async (type) => {
      const file = `etc/ssh/ssh_host_${type}_key`
      mkdirSync(join(folder, 'etc/ssh'), { recursive: true, mode: 0o755 })
      await makeKeyPair(join(folder, file), '', type, `root@${plan.name}`)
    }),
  )
  writeHomes(folder, plan.kind, credentials)
}

function writeHomes(folder: string, kind: HostKind, { key, encryptedKey }: Credentials): void {
  const homes = [
    { path: 'root', uid: 0, mode: 0o700 },
    ...loginsOf[kind].map(({ name, uid }) => ({ path: `home/${name}`, uid, mode: 0o755 })),
  ]
  // What leads to the homes is everybody's; it would get the mode of what is first made in it.
  mkdirSync(join(folder, 'home'), { recursive: true, mode: 0o755 })
  for (const { path, uid, mode } of homes) {
    const home = join(folder, path)
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 })
    chmodSync(home, mode)
    const ssh = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text, { mode: 0o600 })
    ssh('authorized_keys', `${key.publicKey}\n${encryptedKey.publicKey}\n`)
    if (path === 'home/dev') {
      ssh('id_ed25519', key.privateKey)
      ssh('id_ed25519.pub', `${key.publicKey}\n`)
      ssh('id_encrypted', encryptedKey.privateKey)
      ssh('id_encrypted.pub', `${encryptedKey.publicKey}\n`)
    }
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' })
    for (const file of ['', ...files]) lchownSync(join(home, file), uid, uid)
  }
}

function hostsFile(everyone: readonly HostPlan[]): string {
  const lines = everyone.map(({ name, address }) => `${address} ${name}\n`)
  return `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${lines.join('')}`
}

/** No build users for a Nix that one person owns; no substituter, as none can be reached (each try costs 4 s). */
function nixConf(kind: HostKind): string {
  const users = kind === 'single-user' ? 'build-users-group =\n' : 'build-users-group = nixbld\n'
  return `${users}sandbox = false\nsubstituters =\n`
}

/** As Debian has numbered it everywhere. */
const shadowGid = 42

/** The accounts of the image, and the people of this host. */
function accountFiles(kind: HostKind, { hashes }: Credentials): Record<string, string> {
  const people = loginsOf[kind]
  const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name).join(',')
  const members: Readonly<Record<string, string>> = {
    sudo: names(people.filter(({ sudo }) => sudo === 'password')),
    'nix-users': names(people), // whom Debian's daemon listens to
  }
  const passwd = own(kind, 'passwd')
  const groups = [
    ...own(kind, 'group').map((line) => line + (members[line.split(':')[0] ?? ''] ?? '')),
    ...people.map(({ name, uid }) => `${name}:x:${uid}:`),
  ]
  const shell = kind === 'busybox' ? '/bin/sh' : '/bin/bash'
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`
  return {
    passwd: text([
      ...passwd.map((line) => (line.startsWith('root:') ? `root:x:0:0:root:/root:${shell}` : line)),
      ...people.map(({ name, uid }) => `${name}:x:${uid}:${uid}::/home/${name}:${shell}`),
    ]),
    shadow: text([
      ...passwd.map((line) => `${line.split(':')[0]}:*:19000:0:99999:7:::`),
      ...people.map(({ name }) => `${name}:${hashes[name]}:19000:0:99999:7:::`),
    ]),
    group: text(groups),
    gshadow: text(groups.map((line) => line.replace(/^([^:]*):.*:/, '$1:!::'))),
  }
}

/** Lines of a file of accounts in the image, without what a host that has no daemon has not. */
function own(kind: HostKind, file: string): string[] {
  const paths = layersOf(kind).map((layer) => join(layer, 'etc', file))
  const text = readFileSync(paths.find((path) => existsSync(path)) ?? '', 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  const hasDaemon = !['bare', 'chroot', 'single-user'].includes(kind)
  return hasDaemon ? lines : lines.filter((line) => !/^nix(bld|-users)/.test(line))
}
