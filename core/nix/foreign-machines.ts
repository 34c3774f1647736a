import type { Protocol, PublicKey } from '../../contract/grammar'
import { type Address, type AddressProblem, parseAddress } from '../ssh/address'
import { parsePublicKeyLine } from '../ssh/public-key'
import { decodeBase64 } from '../text/base64'
import { stripComment, tokenize } from '../text/tokens'
import {
  type Machine,
  type MachineProblem,
  type MachinesDialect,
  normaliseStoreUri,
  parseMachines,
} from './machines'

/** A builder of somebody else's machines file that Millwright can take over. */
export interface Adoptable {
  readonly machine: Machine
  readonly protocol: Protocol
  readonly address: Address
  /** The pin of column 8, where it is one. */
  readonly hostKey?: PublicKey
}

/** One that it cannot, and why: no SSH at all, or an address that is none. */
export interface NotAdoptable {
  readonly machine: Machine
  readonly reason: 'not-ssh' | AddressProblem
}

/** A line that Nix cannot read, and how it could read it. */
export interface BrokenMachine extends MachineProblem {
  /** The whole line of the file, mended; empty when nothing of it is worth keeping, or what was meant is not known. */
  readonly mended: string
}

export interface ForeignMachines {
  readonly adoptable: readonly Adoptable[]
  readonly notAdoptable: readonly NotAdoptable[]
  readonly broken: readonly BrokenMachine[]
  /** The whole text as it would be after mending; the same text when nothing is broken. */
  readonly mendedText: string
}

/** Reads a machines file that was there before us. */
export function readForeignMachines(text: string, dialect: MachinesDialect): ForeignMachines {
  const { machines, problems } = parseMachines(text, dialect)
  const lines = text.split('\n')
  const brokenLines = new Set(problems.map(({ line }) => line))
  const mended = lines.map((line, index) => (brokenLines.has(index + 1) ? mendLine(line, dialect) : line))
  const sorted = machines.map((machine) => adopt(machine))
  return {
    adoptable: sorted.filter((one) => 'address' in one),
    notAdoptable: sorted.filter((one) => 'reason' in one),
    broken: problems.map((problem) => ({ ...problem, mended: mended[problem.line - 1] ?? '' })),
    mendedText: mended.join('\n'),
  }
}

function adopt(machine: Machine): Adoptable | NotAdoptable {
  const store = /^(ssh|ssh-ng):\/\/([^/?]*)/.exec(machine.uri)
  if (!store) return { machine, reason: 'not-ssh' }
  const parsed = parseAddress(store[2] ?? '')
  if (!parsed.ok) return { machine, reason: parsed.problem }
  const hostKey = pinned(machine.publicHostKey)
  return {
    machine,
    protocol: store[1] === 'ssh-ng' ? 'ssh-ng' : 'ssh',
    address: parsed.address,
    ...(hostKey ? { hostKey } : {}),
  }
}

/** Column 8 is Base64 of a whole `.pub` line, which itself holds Base64. */
function pinned(column: string | undefined): PublicKey | undefined {
  const bytes = decodeBase64(column ?? '')
  const key = bytes && parsePublicKeyLine(String.fromCharCode(...bytes.subarray(0, 4096)))
  return key ? { type: key.type, key: key.key } : undefined
}

/** Every machine of a line kept, put right or as it was; the comment kept where it stands alone. */
function mendLine(line: string, dialect: MachinesDialect): string {
  const parts = dialect === 'old' ? line.split(';').map(stripComment) : stripComment(line).split(';')
  const mended = parts.map((part) => mendMachine(part, dialect))
  if (mended.includes(undefined)) return ''
  const machines = mended.filter((part) => part !== '')
  if (machines.length > 0) return machines.join(';')
  const hash = line.indexOf('#')
  return hash < 0 || line.includes(';') ? '' : line.slice(hash).replace(/\r$/, '')
}

/** What each column looks like (nix.conf(5), builders); what does not is in another's place, and nobody knows whose. */
const columnKinds: readonly RegExp[] = [
  /^[^,=]+(\?.*)?$/,
  /^[a-z0-9_]+-[a-z0-9_]+(,[a-z0-9_]+-[a-z0-9_]+)*$/,
  /^\//,
  /^[+-]?\d{1,6}(\.\d+)?$/,
  /^[+-]?\d{1,6}(\.\d+)?$/,
  /^[a-z][\w.-]*(,[a-z][\w.-]*)*$/i,
  /^[a-z][\w.-]*(,[a-z][\w.-]*)*$/i,
  /^[A-Za-z0-9+/]{40,}={0,2}$/,
]

function isOfKinds(words: readonly string[]): boolean {
  return words.every((word, column) => word === '-' || columnKinds[column]?.test(word))
}

/** Empty where there is no machine; undefined where its columns are not what stands there. */
function mendMachine(part: string, dialect: MachinesDialect): string | undefined {
  const words = tokenize(part)
  if (words[0] === undefined || words[0] === '-') return ''
  if (parseMachines(words.join(' '), dialect).problems.length === 0) return words.join(' ')
  if (!isOfKinds(words)) return undefined
  const [store, systems, key, jobs, speed, supported, mandatory, hostKey] = words
  return [
    mendStore(store ?? ''),
    systems ?? '-',
    key ?? '-',
    wholeNumber(jobs),
    wholeNumber(speed),
    supported ?? '-',
    mandatory ?? '-',
    hostKey ?? '-',
  ].join(' ')
}

function mendStore(store: string): string {
  const uri = normaliseStoreUri(store)
  return uri.includes('://') || uri.startsWith('/') ? uri : `ssh://${uri}`
}

function wholeNumber(word: string | undefined): string {
  const value = Math.round(Number(word))
  return value >= 1 && value <= 1024 ? String(value) : '1'
}
