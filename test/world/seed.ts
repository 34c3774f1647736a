import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Credentials, type HostKind, loginsOf, makeKeyPair } from './accounts'
import { folderBelow } from './newer-nix'

export interface HostPlan {
  readonly name: string
  readonly kind: HostKind
  readonly address: string
}

const builderUids = [30001, 30002, 30003, 30004]

/** Lays out the files that make a host itself, to be copied over the machine's own view of `/`. */
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
  put('etc/hostname', `${plan.name}\n`)
  put('etc/hosts', hostsFile(everyone))
  put('etc/resolv.conf', '')
  put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`)
  put('etc/sudoers.d/easy', 'easy ALL=(ALL:ALL) NOPASSWD: ALL\n', 0o440)
  for (const [name, text] of Object.entries(accountFiles(plan.kind, credentials))) {
    put(`etc/${name}`, text, name.includes('shadow') ? 0o640 : 0o644)
  }
  if (plan.kind !== 'bare') put('etc/nix/nix.conf', nixConf(plan.kind))
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
    { path: 'root', mode: 0o700 },
    ...loginsOf[kind].map(({ name }) => ({ path: `home/${name}`, mode: 0o755 })),
  ]
  for (const { path, mode } of homes) {
    mkdirSync(join(folder, path), { recursive: true, mode })
    mkdirSync(join(folder, path, '.ssh'), { mode: 0o700 })
    const ssh = (name: string, text: string) =>
      writeFileSync(join(folder, path, '.ssh', name), text, { mode: 0o600 })
    ssh('authorized_keys', `${key.publicKey}\n${encryptedKey.publicKey}\n`)
    if (path !== 'home/dev') continue
    ssh('id_ed25519', key.privateKey)
    ssh('id_ed25519.pub', `${key.publicKey}\n`)
    ssh('id_encrypted', encryptedKey.privateKey)
    ssh('id_encrypted.pub', `${encryptedKey.publicKey}\n`)
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

/** The system accounts of what is below (their uids own its files) without its people, who are not this host's. */
function accountFiles(kind: HostKind, { hashes }: Credentials): Record<string, string> {
  const people = loginsOf[kind]
  const isSystem = (line: string) => {
    const id = Number(line.split(':')[2])
    return line !== '' && (id < 1000 || id === 65534) && !/^nixbld/.test(line)
  }
  const below = folderBelow(kind)
  const own = (file: string) => readFileSync(join(below, 'etc', file), 'utf8').split('\n')
  const passwd = own('passwd').filter(isSystem)
  const group = own('group')
    .filter(isSystem)
    .map((line) => line.replace(/[^:]*$/, ''))
  const sudoers = people.filter(({ sudo }) => sudo === 'password').map(({ name }) => name)
  const builders = builderUids.map((uid, index) => ({ name: `nixbld${index + 1}`, uid }))
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`
  const groups = [
    ...group.map((line) => (line.startsWith('sudo:') ? line + sudoers.join(',') : line)),
    ...people.map(({ name, uid }) => `${name}:x:${uid}:`),
    `nixbld:x:30000:${builders.map(({ name }) => name).join(',')}`,
  ]
  return {
    passwd: text([
      ...passwd.map((line) => (line.startsWith('root:') ? 'root:x:0:0:root:/root:/bin/bash' : line)),
      ...people.map(({ name, uid }) => `${name}:x:${uid}:${uid}::/home/${name}:/bin/bash`),
      ...builders.map(({ name, uid }) => `${name}:x:${uid}:30000::/var/empty:/usr/sbin/nologin`),
    ]),
    shadow: text([
      ...passwd.map((line) => `${line.split(':')[0]}:*:19000:0:99999:7:::`),
      ...people.map(({ name }) => `${name}:${hashes[name]}:19000:0:99999:7:::`),
      ...builders.map(({ name }) => `${name}:!:19000:0:99999:7:::`),
    ]),
    group: text(groups),
    gshadow: text(groups.map((line) => line.replace(/^([^:]*):.*:/, '$1:!::'))),
  }
}
