import { join } from 'node:path'
import { BuilderId } from '../../../contract/grammar'
import type { RecordsPort } from '../../ports/records'
import { createDocumentFile, type OnTrouble } from './document-file'
import { createDocumentFolder, guard } from './document-folder'
import { builderRecordFormat } from './formats/builder-record'
import { JobId, receiptFormat } from './formats/receipt'
import { substitutersFormat } from './formats/substituters'
import { switchNoteFormat } from './formats/switch-note'
import { readInstallId } from './install-id'
import { warnOnce } from './warn-once'

export interface RecordsOptions {
  readonly dir: string
  /** Told of a file that could not be read; a process warning unless given. */
  readonly onTrouble?: OnTrouble
}

/** The person's data as one small file each, so that two writers never meet in one. */
export function createRecords({ dir, onTrouble = warnOnce() }: RecordsOptions): RecordsPort {
  const idOf = ({ id }: { readonly id: string }) => id
  const builders = createDocumentFolder(
    join(dir, 'builders'),
    BuilderId,
    builderRecordFormat,
    onTrouble,
    idOf,
  )
  const switchNotes = createDocumentFolder(
    join(dir, 'switches'),
    BuilderId,
    switchNoteFormat,
    onTrouble,
    idOf,
  )
  const receipts = createDocumentFolder(
    join(dir, 'receipts'),
    JobId,
    receiptFormat,
    onTrouble,
    ({ jobId }) => jobId,
  )
  const wishesPath = join(dir, 'substituters.json')
  const wishes = createDocumentFile(wishesPath, substitutersFormat, onTrouble)
  return {
    installId: () => guard(dir, () => readInstallId(dir)),
    builders: builders.all,
    builder: builders.one,
    unreadable: async () => (await builders.unreadable()).map(({ name, trouble }) => ({ id: name, trouble })),
    putBuilder: (record) => builders.put(record.id, record),
    update: (id, change) => builders.update(id, (record) => record && change(record)),
    deleteBuilder: builders.delete,
    substituters: () => guard(wishesPath, async () => (await wishes.read())?.ids ?? []),
    updateSubstituters: (change) =>
      guard(wishesPath, async () => {
        const kept = await wishes.update((before) => {
          const ids = change(before?.ids ?? [])
          return ids.length === 0 ? undefined : { ids }
        })
        return kept?.ids ?? []
      }),
    switchNotes: switchNotes.all,
    switchNote: switchNotes.one,
    putSwitchNote: (note) => switchNotes.put(note.id, note),
    addSwitchNote: (note) => switchNotes.add(note.id, note),
    updateSwitchNote: switchNotes.update,
    deleteSwitchNote: switchNotes.delete,
    receipts: receipts.all,
    putReceipt: (receipt) => receipts.put(receipt.jobId, receipt),
    deleteReceipt: receipts.delete,
  }
}
