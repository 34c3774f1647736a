import type { PublicKey } from '../../contract/grammar'
import type { Garbage } from '../../main/ports/collect'
import { hostKey } from './keys'

export interface Account {
  readonly home: string
  readonly groups: readonly string[]
  readonly sudo: 'free' | 'password' | 'none'
  /** Undefined: none is accepted. */
  readonly password?: string
  /** The person's own key is let in. */
  readonly letsPersonIn: boolean
}

/** A machine on the network with its users, files and Nix, as a builder is one. */
export interface Machine {
  readonly name: string
  readonly host: string
  readonly port: number
  /** The machine that has to be gone through first. */
  readonly behind?: string
  readonly accounts: Map<string, Account>
  readonly files: Map<string, string>
  hostKeys: readonly PublicKey[]
  readonly bootId: string
  readonly machineId: string
  /** Whom the daemon trusts, as it read when it last started. */
  trustInForce: readonly string[]
  /** The daemon signs what it builds, since it last started. */
  signs: boolean
  trustedUsers: readonly string[]
  runningBuilds: number
  /** Store paths without a signature of its own key. */
  unsignedPaths: number
  garbage: Garbage
  isDown: boolean
}

const person = { home: '/home/admin', groups: ['admin'], letsPersonIn: true }
let machines = 0

/** A Debian server with Nix for everybody, to which `admin` has sudo by password. */
export function debianServer(name: string, change: Partial<Machine> = {}): Machine {
  return {
    name,
    host: `${name}.lan`,
    port: 22,
    hostKeys: [hostKey(++machines)],
    bootId: `boot-${machines}`,
    machineId: `machine-${machines}`,
    accounts: new Map([
      ['root', { home: '/root', groups: ['root'], sudo: 'free', letsPersonIn: false }],
      ['admin', { ...person, groups: ['admin', 'sudo'], sudo: 'password', password: 'hunter2' }],
    ]),
    files: new Map([['/etc/nix/nix.conf', 'build-users-group = nixbld\n']]),
    trustedUsers: ['root'],
    trustInForce: ['root'],
    signs: false,
    runningBuilds: 0,
    unsignedPaths: 40,
    garbage: { paths: 1204, bytes: 3_435_973_837 },
    isDown: false,
    ...change,
  }
}

/** The same for somebody whom its Nix trusts and who cannot become root. */
export function unprivilegedServer(name: string, change: Partial<Machine> = {}): Machine {
  return debianServer(name, {
    accounts: new Map([['admin', { ...person, sudo: 'none' }]]),
    trustedUsers: ['root', 'admin'],
    trustInForce: ['root', 'admin'],
    ...change,
  })
}

/** The lines of a file; none where there is none. */
export function linesOf({ files }: Pick<Machine, 'files'>, path: string): string[] {
  return (files.get(path) ?? '').split('\n').filter(Boolean)
}

/** Writes a file line by line; without a line there is no file. */
export function writeLines({ files }: Pick<Machine, 'files'>, path: string, lines: readonly string[]): void {
  if (lines.length === 0) files.delete(path)
  else files.set(path, `${lines.join('\n')}\n`)
}

/** Whether a key is let in as a user, for what its line is tagged with. */
export function letsIn(machine: Machine, user: string, publicKey: string, role: string): boolean {
  const home = machine.accounts.get(user)?.home
  const isTagged = new RegExp(` millwright:[0-9a-f]{8}:${role}$`)
  return linesOf(machine, `${home}/.ssh/authorized_keys`).some(
    (line) => line.includes(publicKey) && isTagged.test(line),
  )
}

/** All of a machine that a person could see, as plain data that can be compared. */
export function pictureOfMachine(machine: Machine) {
  const { accounts, files, trustInForce, signs } = machine
  return {
    accounts: [...accounts.keys()].sort(),
    files: Object.fromEntries([...files].sort()),
    trustInForce,
    signs,
  }
}
