import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './process'

/**
 * `-new` and `-latest`: of a later Debian, with a newer Nix; such clients have no desktop, only their users. `-ansible`
 * and `-python`: with what a play needs on its two sides. The last but one are builders without systemd: with System
 * V's init, with a first process that manages nothing, and with a userland of busybox alone. `chroot`: Nix lies in `~plain/.nix`
 * and works only as /nix, for which there are bubblewrap, PRoot and, of `plain`'s own, `nix-user-chroot`.
 */
export type HostKind =
  | 'client'
  | 'client-new'
  | 'client-latest'
  | 'builder'
  | 'builder-new'
  | 'builder-latest'
  | 'client-ansible'
  | 'builder-python'
  | 'bare'
  | 'single-user'
  | 'chroot'
  | 'sysv'
  | 'no-manager'
  | 'busybox'
  | 'blackhole'

/** An SSH key pair; `path` is the private half's file on the machine that runs the tests. */
export interface KeyPair {
  readonly path: string
  readonly privateKey: string
  readonly publicKey: string
}

/** What opens the doors of a fleet. Made anew for each fleet, so that a leak can be searched for. */
export interface Credentials {
  /** Passwords by login name, the same on every host of the fleet. */
  readonly passwords: Readonly<Record<string, string>>
  readonly key: KeyPair
  /** Encrypted with `passphrase`. Let in by the same hosts as `key`. */
  readonly encryptedKey: KeyPair
  readonly passphrase: string
  /** Hashes for shadow(5), by login name. */
  readonly hashes: Readonly<Record<string, string>>
}

interface Login {
  readonly name: string
  readonly uid: number
  readonly sudo: 'password' | 'free' | 'none'
}

const login = (name: string, uid: number, sudo: Login['sudo']): Login => ({ name, uid, sudo })

const desktopLogins = [login('dev', 1000, 'none'), login('boss', 1001, 'password')]
const serverLogins = [
  login('admin', 1001, 'password'),
  login('easy', 1002, 'free'),
  login('plain', 1003, 'none'),
]

/** Who can log in on a host of a kind, besides root (by key only). */
export const loginsOf: Readonly<Record<HostKind, readonly Login[]>> = {
  client: desktopLogins,
  'client-new': desktopLogins,
  'client-latest': desktopLogins,
  builder: serverLogins,
  'builder-new': serverLogins,
  'builder-latest': serverLogins,
  'client-ansible': desktopLogins,
  'builder-python': serverLogins,
  bare: serverLogins,
  chroot: serverLogins,
  sysv: serverLogins,
  'no-manager': serverLogins,
  busybox: serverLogins,
  'single-user': [...serverLogins, login('solo', 1004, 'none')],
  blackhole: [],
}

/** Makes passwords, their hashes and two key pairs in the given folder. */
export async function makeCredentials(folder: string): Promise<Credentials> {
  const names = [...new Set(Object.values(loginsOf).flatMap((logins) => logins.map(({ name }) => name)))]
  const passwords = Object.fromEntries(names.map((name) => [name, secret()]))
  const passphrase = secret()
  const [hashes, key, encryptedKey] = await Promise.all([
    hashPasswords(passwords),
    makeKeyPair(join(folder, 'key'), ''),
    makeKeyPair(join(folder, 'encrypted-key'), passphrase),
  ])
  return { passwords, key, encryptedKey, passphrase, hashes }
}

/** Makes a pair in OpenSSH's format; an empty passphrase leaves the private half in the clear. */
export async function makeKeyPair(
  path: string,
  passphrase: string,
  type = 'ed25519',
  comment = 'fleet',
): Promise<KeyPair> {
  await must(['ssh-keygen', '-q', '-t', type, '-N', passphrase, '-C', comment, '-f', path])
  const read = (file: string) => readFileSync(file, 'utf8')
  return { path, privateKey: read(path), publicKey: read(`${path}.pub`).trim() }
}

/** crypt(3) by way of perl, which every Debian has; few rounds, as these passwords live for seconds. */
async function hashPasswords(passwords: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const script =
    'while (<>) { chomp; my ($n, $p) = split / /; print "$n ", crypt($p, q($6$rounds=1000$fleetsalt$)), "\\n" }'
  const input = Object.entries(passwords)
    .map(([name, password]) => `${name} ${password}\n`)
    .join('')
  const stdout = await must(['perl', '-e', script], { input })
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
}

function secret(): string {
  return randomBytes(12).toString('hex')
}
