import type { BuilderSpec } from '../../contract/builder'
import { AddOptions } from '../../contract/commands'
import type { PublicKey } from '../../contract/grammar'
import { isValid } from '../../contract/grammar'
import { type Adoptable, readForeignMachines } from '../nix/foreign-machines'
import type { MachinesDialect } from '../nix/machines'
import { formatAddress } from '../ssh/address'
import { parseExportDocument } from './export-document'

/** A builder that is to be added, with what the file says of it; the rest is found by looking. */
export interface ImportEntry {
  /** What is handed to `add-builder`. */
  readonly address: string
  readonly options: AddOptions
  /** By which it is to be known; none: the person is asked. */
  readonly hostKeys: readonly PublicKey[]
}

export interface Import {
  readonly entries: readonly ImportEntry[]
  /** What nothing can be made of, and why. */
  readonly skipped: readonly { readonly what: string; readonly why: string }[]
}

/** Reads a machines file, or what `export --json` printed. */
export function readImport(text: string, dialect: MachinesDialect): Import {
  const document = parseExportDocument(text)
  if (!document) return fromLines(text, dialect)
  const lines = fromLines(document.others.join('\n'), dialect)
  const behind = document.builders.filter(({ jump }) => jump)
  return {
    entries: [...document.builders.filter(({ jump }) => !jump).map(fromSpec), ...lines.entries],
    skipped: [
      ...behind.map(({ id, jump }) => ({ what: id, why: throughWords(jump?.host ?? '') })),
      ...lines.skipped,
    ],
  }
}

/** Only the person's own SSH configuration knows the way. */
function throughWords(host: string): string {
  return `it is reached through ${host}: add it by its name in your SSH configuration`
}

function fromSpec(spec: BuilderSpec): ImportEntry {
  const { id, host, port, user, hostKeys, ...options } = spec
  return { address: formatAddress({ user, host, port }), options: { ...options, id }, hostKeys }
}

function fromLines(text: string, dialect: MachinesDialect): Import {
  const { adoptable, notAdoptable, broken } = readForeignMachines(text, dialect)
  const read = adoptable.map((one) => ({ one, options: optionsOf(one) }))
  return {
    entries: read.flatMap(({ one, options }) =>
      isValid(AddOptions, options)
        ? [{ address: formatAddress(one.address), options, hostKeys: one.hostKey ? [one.hostKey] : [] }]
        : [],
    ),
    skipped: [
      ...read
        .filter(({ options }) => !isValid(AddOptions, options))
        .map(({ one }) => ({
          what: one.machine.uri,
          why: 'a column of its line is none that Millwright writes',
        })),
      ...notAdoptable.map(({ machine, reason }) => ({
        what: machine.uri,
        why:
          reason === 'not-ssh' ? 'it is not reached by SSH' : 'its address is none that can be logged in to',
      })),
      ...broken.map(({ line, message }) => ({ what: `line ${line}`, why: message })),
    ],
  }
}

/** What the columns say; a fraction is no speed factor that every Nix reads. */
function optionsOf({ machine, protocol }: Adoptable): AddOptions {
  const { systems, maxJobs, speedFactor, supportedFeatures, mandatoryFeatures } = machine
  return {
    protocol,
    ...(systems === undefined ? {} : { systems: [...systems] }),
    maxJobs,
    speedFactor,
    supportedFeatures: [...supportedFeatures],
    mandatoryFeatures: [...mandatoryFeatures],
  }
}
