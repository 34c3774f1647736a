import type { Snapshot } from '../../../contract/snapshot'
import { unmanagedBuilders } from '../../../core/nix/other-lines'
import { toFailure } from '../../failures'
import type { Ports } from '../../ports/ports'
import type { SwitchNote } from '../../ports/records'
import { readModes } from '../set-mode'
import { findOffers, otherLines, readNixUse, whyNotUsed } from '../steps/nix-use'
import { builderView } from './builder-view'
import { readForeignMachinesOf } from './foreign-machines'
import { markBuilder } from './mark-builder'
import { readHelper } from './read-helper'

type Needs = Pick<
  Ports,
  'helper' | 'records' | 'local' | 'userConf' | 'fingerprint' | 'preferences' | 'autostart'
>

/** The part of the snapshot that is read from the system. */
export type SystemReading = Omit<
  Snapshot,
  'revision' | 'appVersion' | 'platform' | 'tray' | 'jobs' | 'builds'
>

/**
 * Reads the system again. Nothing is inferred from what we did: another
 * window, a terminal or an administrator may have changed it meanwhile. Never fails: what cannot be read is
 * shown as the failure it is.
 */
export async function readSystem(ports: Needs): Promise<SystemReading> {
  // Begun first, so that the modes are by the same reading.
  const reading = readNixUse(ports)
  const readingHelper = readHelper(ports.helper)
  const [nix, helper, records, wishes, notes, reachable, modes, mine, preferences, autostart, use] =
    await Promise.all([
      ports.local.nix().then(
        (found) => ({ found }),
        (error: unknown) => ({ failure: toFailure(error) }),
      ),
      readingHelper,
      // What root’s files say is shown without our own notes too; a write to them says why it fails.
      ports.records.builders().catch(() => []),
      ports.records.substituters().catch((): readonly string[] => []), // the same
      // After root's files: a note is there before its builder is off, or that would be a pause of the person's.
      readingHelper.then(() => ports.records.switchNotes()).catch((): readonly SwitchNote[] => []), // the same
      ports.local.reachable(),
      readModes(ports),
      ports.userConf.files(),
      ports.preferences.read(),
      ports.autostart.read(),
      reading,
    ])
  const version = 'found' in nix ? nix.found.version : undefined
  const status = helper.status
  const foreign = readForeignMachinesOf(status?.foreign ?? [], version)
  return {
    ...('found' in nix ? { nix: nix.found } : { nixFailure: nix.failure }),
    helper: helper.view,
    modes: modes(status?.remoteOnly ?? false),
    builders: await Promise.all(
      (status?.builders ?? []).map(async (builder) =>
        builderView(
          builder,
          records.find((record) => record.id === builder.id),
          ports.fingerprint,
          wishes.includes(builder.id),
          notes.find((note) => note.id === builder.id),
          {
            notUsed: whyNotUsed(builder, use, status?.generation),
            alsoOffered: await findOffers(ports, builder, use),
            isMine: helper.view.way === 'not-needed',
          },
        ),
      ),
    ),
    unmanaged: unmanagedBuilders(otherLines(use), use.daemon?.alsoOffered ?? []),
    reachable: [
      ...foreign.reachable,
      ...reachable.map((machine) => markBuilder(machine, status?.builders ?? [], records)),
    ],
    brokenLines: foreign.broken,
    localFiles: [...(status?.files ?? []), ...mine],
    foreign: status?.foreign ?? [],
    preferences,
    autostart,
  }
}
