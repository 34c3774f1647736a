import type { Proof } from '../../contract/builder'
import type { JobKind } from '../../contract/commands'
import type { Failure } from '../../contract/failure'
import type { OwnedFile } from '../../contract/helper'
import type { Derived, RemoteFacts } from '../../contract/remote'
import type { Pause } from '../../core/health/pause'

/** What the app itself remembers of a builder; root's files know nothing of it. */
export interface BuilderRecord {
  readonly id: string
  /**
   * How the person logged in when adding it, for removing: user, host, port as resolved. The user is empty where that
   * is lost: whoever removes it logs in then.
   */
  readonly login: {
    readonly user: string
    readonly host: string
    readonly port: number
    readonly identityFile?: string
  }
  /** As typed: may be an alias of the SSH configuration. */
  readonly address: string
  readonly facts: RemoteFacts
  readonly derived: readonly Derived[]
  readonly remoteFiles: readonly OwnedFile[]
  /** Values of the provisioning, for taking it back. */
  readonly provision: Readonly<Record<string, string>>
  readonly proof?: Proof
  /** How the last test failed, until one passes. */
  readonly failure?: Failure
  /** Set while paths that were there before its signing key are being signed, or that was cut short. */
  readonly signing?: { readonly done: number; readonly total: number }
  readonly addedAt: string
  /**
   * Set where this computer has removed it and its own side was left as it was: what to run there, a sentence each.
   * Removing it again cleans up.
   */
  readonly leftBehind?: readonly string[]
}

/**
 * Why a builder is off: paused by the person (without `pause`: until they resume it) or suspended by us; or on
 * although we had suspended it, because the person insisted. Absent: root's files say it all.
 */
export type SwitchNote =
  | { readonly id: string; readonly kind: 'paused'; readonly pause?: Pause }
  | { readonly id: string; readonly kind: 'suspended'; readonly since: string; readonly failure: Failure }
  | { readonly id: string; readonly kind: 'insisted'; readonly failure: Failure }

/** Kept on disk while a job has effects that are not yet proven or taken back, so that a crash is not forgotten. */
export interface Receipt {
  readonly jobId: string
  readonly kind: JobKind
  readonly builderId: string
  readonly address: string
  readonly startedAt: string
  /** What stands and would be left behind, the latest first, as it is to be taken back: the sentences of the undos. */
  readonly leftBehind: readonly string[]
  /** The job has ended well but for what it left behind; absent: it was cut short. */
  readonly isEnded?: boolean
}

/** A record that is there and cannot be read: damaged, without what it has to say, of a later Millwright, or not for now. */
export interface UnreadableRecord {
  readonly id: string
  readonly trouble: 'damaged' | 'unfit' | 'newer' | 'unread'
}

/**
 * The person's own data: one JSON file each, mode 0600, written whole. Fails with DATA_UNWRITABLE, and where a later
 * Millwright wrote what cannot be read, a change with DATA_NEWER. `update…` reads, changes and writes in one turn, also
 * among processes; what the file holds besides is kept. Made undefined it is deleted.
 */
export interface RecordsPort {
  installId(): Promise<string>
  builders(): Promise<readonly BuilderRecord[]>
  builder(id: string): Promise<BuilderRecord | undefined>
  /** Those of which `builders` knows nothing. */
  unreadable(): Promise<readonly UnreadableRecord[]>
  putBuilder(record: BuilderRecord): Promise<void>
  /** Changes what is kept of a builder; where nothing is, nothing is done. */
  update(id: string, change: (record: BuilderRecord) => BuilderRecord): Promise<BuilderRecord | undefined>
  deleteBuilder(id: string): Promise<void>
  /** The builders that the person wants as substituters, off at the moment or not. */
  substituters(): Promise<readonly string[]>
  updateSubstituters(change: (ids: readonly string[]) => readonly string[]): Promise<readonly string[]>
  switchNotes(): Promise<readonly SwitchNote[]>
  /** What was last decided about the switch of one. */
  switchNote(id: string): Promise<SwitchNote | undefined>
  putSwitchNote(note: SwitchNote): Promise<void>
  /** Puts it only where there is none; false where there is: somebody else had a say meanwhile. */
  addSwitchNote(note: SwitchNote): Promise<boolean>
  updateSwitchNote(
    id: string,
    change: (note: SwitchNote | undefined) => SwitchNote | undefined,
  ): Promise<SwitchNote | undefined>
  deleteSwitchNote(id: string): Promise<void>
  receipts(): Promise<readonly Receipt[]>
  putReceipt(receipt: Receipt): Promise<void>
  deleteReceipt(jobId: string): Promise<void>
}
