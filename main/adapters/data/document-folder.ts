import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { DocumentFormat } from '../../../core/versions/document'
import { fail } from '../../failures'
import { createDocumentFile, isMissing, type OnTrouble, type Trouble } from './document-file'
import { withFileLock } from './file-lock'

/** A file open for each of many builders at once would leave too few for their connections. */
const atOnce = 32

/** A folder of documents, one file each, so that two writers never meet in one. Fails with DATA_UNWRITABLE. */
export interface DocumentFolder<T> {
  /** Those that can be read, by name. */
  all(): Promise<T[]>
  one(name: string): Promise<T | undefined>
  put(name: string, value: T): Promise<void>
  /** Puts it only where there is none that can be read; of two who do so at once one gets false. */
  add(name: string, value: T): Promise<boolean>
  /** As `DocumentFile.update`. */
  update(name: string, change: (value: T | undefined) => T | undefined): Promise<T | undefined>
  /** Also what was set aside of it. */
  delete(name: string): Promise<void>
  /** Names of what is there and cannot be read: set aside, or left alone. */
  unreadable(): Promise<readonly { readonly name: string; readonly trouble: Trouble }[]>
}

/** The grammar of the names keeps every path inside the folder. */
export function createDocumentFolder<T extends object>(
  folder: string,
  names: v.GenericSchema<unknown, string>,
  format: DocumentFormat<T>,
  onTrouble: OnTrouble,
  nameOf: (value: T) => string,
): DocumentFolder<T> {
  const pathOf = (name: string) => {
    if (!v.is(names, name)) fail('INVALID_INPUT', { field: 'the name of a record' }, name)
    return join(folder, `${name}.json`)
  }
  /** A file that was copied to another name says nothing of that one. */
  const formatOf = (name: string): DocumentFormat<T> => ({
    ...format,
    read: (document) => {
      const value = format.read(document)
      return value && nameOf(value) === name ? value : undefined
    },
  })
  const fileOf = (name: string, tell = onTrouble) => createDocumentFile(pathOf(name), formatOf(name), tell)
  /** One that the file system refuses keeps nobody from the others. */
  const readOne = async (name: string, tell = onTrouble) => {
    try {
      return await fileOf(name, tell).read()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      tell(pathOf(name), 'unread')
      return undefined
    }
  }
  const listed = async (pattern: RegExp) => {
    const found = (await list(folder)).map((file) => pattern.exec(file)?.[1])
    return [...new Set(found.filter((name) => name !== undefined && v.is(names, name)))].sort()
  }
  const read = async (tell?: OnTrouble) => {
    const known = await listed(/^(.+)\.json$/)
    const found: { name: string; value: T | undefined }[] = []
    for (let at = 0; at < known.length; at += atOnce) {
      const some = known.slice(at, at + atOnce)
      const read = some.map(async (name) => ({ name, value: await readOne(name, tell) }))
      found.push(...(await Promise.all(read)))
    }
    return found
  }
  return {
    all: () => guard(folder, async () => (await read()).flatMap(({ value }) => value ?? [])),
    one: (name) => guard(folder, () => fileOf(name).read()),
    put: (name, value) => guard(folder, async () => void (await fileOf(name).update(() => value))),
    add: (name, value) =>
      guard(folder, async () => (await fileOf(name).update((known) => known ?? value)) === value),
    update: (name, change) => guard(folder, () => fileOf(name).update(change)),
    delete: (name) =>
      guard(folder, async () => {
        const path = pathOf(name)
        if (!(await list(folder)).some((file) => file.startsWith(`${name}.json`))) return
        await withFileLock(path, async () => {
          const own = (await list(folder)).filter(
            (file) => file === `${name}.json` || file.startsWith(`${name}.json.broken`),
          )
          await Promise.all(own.map((file) => rm(join(folder, file), { force: true, recursive: true })))
        })
      }),
    unreadable: () =>
      guard(folder, async () => {
        const seen = new Map<string, Trouble>()
        const whole = await read((path, trouble) => {
          seen.set(path, trouble)
          onTrouble(path, trouble)
        })
        const inPlace = whole
          .filter(({ value }) => value === undefined)
          .map(({ name }) => ({ name, trouble: seen.get(pathOf(name)) ?? ('damaged' as const) }))
        const aside = (await listed(/^(.+)\.json\.broken(?:-\d+)?$/))
          .filter((name) => !whole.some((one) => one.name === name))
          .map((name) => ({ name, trouble: 'damaged' as const }))
        return [...inPlace, ...aside]
      }),
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** What the file system refuses is DATA_UNWRITABLE; our own failures stay what they are. */
export async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return fail('DATA_UNWRITABLE', { path }, error.message)
    throw error
  }
}
