import { isRecord, withChange } from './with-change'

/** What a file of ours holds as JSON. */
export type Document = Readonly<Record<string, unknown>>

/** Turns a document of one version into one of the next. Total: whatever stands there, it does not throw. */
export type Migration = (document: Document) => Document

/** How one kind of document is read. */
export interface DocumentFormat<T extends object> {
  /** The version that is written, of `contract/version.ts`. */
  readonly version: number
  /** From the first version to the second, from that to the third, and so on. */
  readonly migrations: readonly Migration[]
  /** The document of a first version that was a bare list or the like. */
  readonly wrap?: (bare: unknown) => Document | undefined
  /** What is understood of a document; undefined where not even the needed parts are. Ignores what it does not know. */
  readonly read: (document: Document) => T | undefined
}

/** `unfit` is JSON that does not say what it has to; `isNewer`: to this program, which must not touch it then. */
export type Reading<T extends object> =
  | { readonly is: 'read'; readonly value: T; readonly document: Document }
  | { readonly is: 'unfit'; readonly isNewer: boolean }
  | { readonly is: 'damaged' }

/** Reads a document of any version: older ones are migrated, newer ones read as far as they are understood. */
export function readDocument<T extends object>(format: DocumentFormat<T>, text: string): Reading<T> {
  const bare = parseJson(text)
  if (bare === undefined) return { is: 'damaged' }
  const raw = isRecord(bare) ? bare : format.wrap?.(bare)
  if (!raw) return { is: 'unfit', isNewer: false }
  const version = versionOf(raw)
  const migrated = format.migrations.slice(version - 1).reduce((older, migrate) => migrate(older), raw)
  const document = version < format.version ? { ...migrated, version: format.version } : migrated
  const value = format.read(document)
  return value === undefined
    ? { is: 'unfit', isNewer: version > format.version }
    : { is: 'read', value, document }
}

/**
 * The text that holds a value. What the document of before held and this program does not know is kept, and so is
 * the version of a newer one.
 */
export function writeDocument<T extends object>(
  format: DocumentFormat<T>,
  value: T,
  before?: { readonly value: T; readonly document: Document },
): string {
  const { version: _, ...kept }: Document = before
    ? recordOf(withChange(before.document, before.value, value))
    : recordOf(value)
  const version = Math.max(format.version, before ? versionOf(before.document) : 0)
  return `${JSON.stringify({ version, ...kept }, undefined, 2)}\n`
}

function recordOf(value: unknown): Document {
  return isRecord(value) ? value : {}
}

/** What says none is of the first version. */
function versionOf({ version }: Document): number {
  return typeof version === 'number' && Number.isInteger(version) && version > 0 ? version : 1
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no JSON: the caller is told that it is damaged
  }
}
