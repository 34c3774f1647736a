import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { Proof } from '../../../contract/builder'
import { jobKinds } from '../../../contract/commands'
import { BuilderId, InstallId } from '../../../contract/grammar'
import { OwnedFile } from '../../../contract/helper'
import { Derived, RemoteFacts } from '../../../contract/remote'
import { fail } from '../../failures'
import type { BuilderRecord, Receipt, RecordsPort, SwitchNote } from '../../ports/records'
import { writeFileWhole } from './write-file'

const Failure = v.strictObject({
  code: v.string(),
  facts: v.record(v.string(), v.string()),
  detail: v.exactOptional(v.string()),
  step: v.exactOptional(v.string()),
})

const BuilderFile: v.GenericSchema<unknown, BuilderRecord> = v.strictObject({
  id: BuilderId,
  login: v.strictObject({
    user: v.string(),
    host: v.string(),
    port: v.number(),
    identityFile: v.exactOptional(v.string()),
  }),
  address: v.string(),
  facts: RemoteFacts,
  derived: v.array(Derived),
  remoteFiles: v.array(OwnedFile),
  provision: v.record(v.string(), v.string()),
  proof: v.exactOptional(Proof),
  failure: v.exactOptional(Failure),
  signing: v.exactOptional(v.strictObject({ done: v.number(), total: v.number() })),
  addedAt: v.string(),
})

const SwitchNoteFile: v.GenericSchema<unknown, SwitchNote> = v.variant('kind', [
  v.strictObject({
    id: BuilderId,
    kind: v.literal('paused'),
    pause: v.exactOptional(
      v.strictObject({
        until: v.pipe(v.string(), v.isoTimestamp()),
        forMs: v.pipe(v.number(), v.minValue(0)),
      }),
    ),
  }),
  v.strictObject({ id: BuilderId, kind: v.literal('suspended'), since: v.string(), failure: Failure }),
  v.strictObject({ id: BuilderId, kind: v.literal('insisted'), failure: Failure }),
])

const JobId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))

const ReceiptFile: v.GenericSchema<unknown, Receipt> = v.strictObject({
  jobId: JobId,
  kind: v.picklist(Object.values(jobKinds)),
  builderId: v.string(),
  address: v.string(),
  startedAt: v.string(),
  leftBehind: v.array(v.string()),
})

const atOnce = 32

export interface RecordsOptions {
  readonly dir: string
  /** Told of a file that could not be read and was set aside as `FILE.broken`; a process warning unless given. */
  readonly onBroken?: (path: string) => void
}

/** The person's data as one small file each, so that two writers never meet in one. */
export function createRecords({ dir, onBroken = warn }: RecordsOptions): RecordsPort {
  const builders = createFolder(join(dir, 'builders'), BuilderId, BuilderFile, onBroken)
  const wishes = join(dir, 'substituters.json')
  const switchNotes = createFolder(join(dir, 'switches'), BuilderId, SwitchNoteFile, onBroken)
  const receipts = createFolder(join(dir, 'receipts'), JobId, ReceiptFile, onBroken)
  return {
    installId: () => guard(dir, () => readInstallId(dir)),
    builders: builders.all,
    putBuilder: (record) => builders.put(record.id, record),
    deleteBuilder: builders.delete,
    substituters: () => guard(wishes, () => readWishes(wishes, onBroken)),
    putSubstituters: (ids) =>
      guard(wishes, () =>
        ids.length === 0 ? rm(wishes, { force: true }) : writeFileWhole(wishes, `${JSON.stringify(ids)}\n`),
      ),
    switchNotes: switchNotes.all,
    switchNote: switchNotes.one,
    putSwitchNote: (note) => switchNotes.put(note.id, note),
    addSwitchNote: (note) => switchNotes.add(note.id, note),
    deleteSwitchNote: switchNotes.delete,
    receipts: receipts.all,
    putReceipt: (receipt) => receipts.put(receipt.jobId, receipt),
    deleteReceipt: receipts.delete,
  }
}

function warn(path: string): void {
  process.emitWarning(`${path} cannot be read and was set aside as ${path}.broken`)
}

/** A folder of records by name; the grammar of the names keeps every path inside it. */
function createFolder<T>(
  folder: string,
  names: v.GenericSchema<unknown, string>,
  schema: v.GenericSchema<unknown, T>,
  onBroken: (path: string) => void,
) {
  const pathOf = (name: string) => {
    if (!v.is(names, name)) fail('INVALID_INPUT', { field: 'the name of a record' }, name)
    return join(folder, `${name}.json`)
  }
  const read = async (path: string): Promise<T[]> => {
    try {
      return [v.parse(schema, JSON.parse(await readFile(path, 'utf8')))]
    } catch (error) {
      if (isMissing(error)) return []
      if (!isBroken(error)) throw error
      await rename(path, `${path}.broken`)
      onBroken(path)
      return []
    }
  }
  return {
    all: () =>
      guard(folder, async () => {
        const files = (await list(folder)).filter((file) => file.endsWith('.json')).sort()
        const known = files.filter((file) => v.is(names, file.slice(0, -'.json'.length)))
        const found: T[] = []
        // A file open for each of many builders at once would leave too few for their connections.
        for (let at = 0; at < known.length; at += atOnce) {
          const some = known.slice(at, at + atOnce).map((file) => read(join(folder, file)))
          found.push(...(await Promise.all(some)).flat())
        }
        return found
      }),
    one: (name: string) => guard(folder, async () => (await read(pathOf(name)))[0]),
    put: (name: string, value: T) =>
      guard(folder, () => writeFileWhole(pathOf(name), `${JSON.stringify(value, undefined, 2)}\n`)),
    /** Of two that add at once one gets false: link(2) replaces nothing. */
    add: (name: string, value: T) =>
      guard(folder, async () => {
        const whole = `${pathOf(name)}.${randomBytes(8).toString('hex')}`
        await writeFileWhole(whole, `${JSON.stringify(value, undefined, 2)}\n`)
        try {
          await link(whole, pathOf(name))
          return true
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
          throw error
        } finally {
          await rm(whole, { force: true })
        }
      }),
    delete: (name: string) => guard(folder, () => rm(pathOf(name), { force: true })),
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

async function readWishes(path: string, onBroken: (path: string) => void): Promise<readonly string[]> {
  try {
    return v.parse(v.array(BuilderId), JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (isMissing(error)) return []
    if (!isBroken(error)) throw error
    await rename(path, `${path}.broken`)
    onBroken(path)
    return []
  }
}

/** The first process to ask makes it; `wx` lets no second one make another. */
async function readInstallId(dir: string): Promise<string> {
  const path = join(dir, 'install-id')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${randomBytes(4).toString('hex')}\n`)
    await file.sync().finally(() => file.close())
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return v.parse(InstallId, (await readFile(path, 'utf8')).trim())
}

/** What could not be read now may be whole all the same. */
function isBroken(error: unknown): boolean {
  return error instanceof SyntaxError || v.isValiError(error)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** What the file system refuses is DATA_UNWRITABLE; our own failures stay what they are. */
async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return fail('DATA_UNWRITABLE', { path }, error.message)
    throw error
  }
}
