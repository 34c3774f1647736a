import pLimit from 'p-limit'
import { type AutostartView, defaultPreferences, type Preferences } from '../../contract/preferences'
import { fail } from '../../main/failures'
import type { KeychainPort } from '../../main/ports/keychain'
import type { AutostartPort, PreferencesPort } from '../../main/ports/preferences'
import type { BuilderRecord, Receipt, RecordsPort, SwitchNote } from '../../main/ports/records'
import type { Calls } from './calls'

/** What the person keeps on this computer: their files and their keychain. */
export interface OwnData {
  readonly builders: Map<string, BuilderRecord>
  readonly notes: Map<string, SwitchNote>
  readonly receipts: Map<string, Receipt>
  readonly secrets: Map<string, string>
  substituters: readonly string[]
  keychain: 'os' | 'file' | 'none'
  preferences: Preferences
  autostart: AutostartView
}

export function createOwnData(): OwnData {
  return {
    builders: new Map(),
    notes: new Map(),
    receipts: new Map(),
    secrets: new Map(),
    substituters: [],
    keychain: 'os',
    preferences: defaultPreferences,
    autostart: { way: 'off', offered: ['off', 'desktop'] },
  }
}

export function createRecords(calls: Calls, data: OwnData): RecordsPort {
  const read = <T>(effect: () => T) => calls.run('records.read', effect)
  const write = <T>(effect: () => T) => calls.run('records.write', effect)
  const put = <T>(map: Map<string, T>, id: string, value: T) => write(() => void map.set(id, value))
  const drop = (map: Map<string, unknown>, id: string) => write(() => void map.delete(id))
  return {
    installId: () => read(() => '0123abcd'),
    builders: () => read(() => [...data.builders.values()]),
    builder: (id) => read(() => data.builders.get(id)),
    unreadable: () => read(() => []),
    update: (id, change) =>
      write(() => {
        const known = data.builders.get(id)
        if (known) data.builders.set(id, change(known))
        return data.builders.get(id)
      }),
    putBuilder: (record) => put(data.builders, record.id, record),
    deleteBuilder: (id) => drop(data.builders, id),
    substituters: () => read(() => data.substituters),
    updateSubstituters: (change) =>
      write(() => {
        data.substituters = change(data.substituters)
        return data.substituters
      }),
    switchNotes: () => read(() => [...data.notes.values()]),
    switchNote: (id) => read(() => data.notes.get(id)),
    putSwitchNote: (note) => put(data.notes, note.id, note),
    addSwitchNote: (note) =>
      write(() => {
        if (data.notes.has(note.id)) return false
        data.notes.set(note.id, note)
        return true
      }),
    updateSwitchNote: (id, change) =>
      write(() => {
        const note = change(data.notes.get(id))
        if (note) data.notes.set(id, note)
        else data.notes.delete(id)
        return note
      }),
    deleteSwitchNote: (id) => drop(data.notes, id),
    receipts: () => calls.run('receipts.read', () => [...data.receipts.values()]),
    putReceipt: (receipt) =>
      calls.run('receipts.write', () => void data.receipts.set(receipt.jobId, receipt)),
    deleteReceipt: (jobId) => calls.run('receipts.write', () => void data.receipts.delete(jobId)),
  }
}

export function createKeychain(calls: Calls, data: OwnData): KeychainPort {
  let turn = pLimit(1)
  // Whoever has died holds nobody up.
  void calls.crashed.then(() => {
    turn = pLimit(1)
  })
  return {
    filePath: '/home/dev/.local/share/millwright/secrets.json',
    kind: () => calls.run('keychain.kind', () => data.keychain),
    consentToFile: () =>
      calls.run('keychain.consentToFile', () => {
        if (data.keychain === 'none') data.keychain = 'file'
      }),
    get: (name) => calls.run('keychain.get', () => data.secrets.get(name)),
    set: (name, secret) =>
      calls.run('keychain.set', () => {
        if (data.keychain === 'none') fail('KEYCHAIN_UNAVAILABLE')
        data.secrets.set(name, secret)
      }),
    delete: (name) => calls.run('keychain.delete', () => void data.secrets.delete(name)),
    alone: (work) => turn(work),
  }
}

export function createPreferences(calls: Calls, data: OwnData): PreferencesPort {
  return {
    read: () => calls.run('preferences.read', () => data.preferences),
    update: (change) =>
      calls.run('preferences.write', () => {
        data.preferences = change(data.preferences)
        return data.preferences
      }),
  }
}

export function createAutostart(calls: Calls, data: OwnData): AutostartPort {
  return {
    read: () => calls.run('autostart.read', () => data.autostart),
    set: (way) =>
      calls.run('autostart.set', () => {
        if (!data.autostart.offered.includes(way)) fail('AUTOSTART_FAILED')
        data.autostart = { ...data.autostart, way }
      }),
  }
}

/** The person's data as plain data that can be compared. Receipts are the job's own; a consent stays given. */
export function pictureOfData({ builders, notes, substituters, secrets }: OwnData) {
  return {
    records: Object.fromEntries([...builders].sort()),
    notes: Object.fromEntries([...notes].sort()),
    substituters,
    secrets: [...secrets.keys()].sort(),
  }
}
