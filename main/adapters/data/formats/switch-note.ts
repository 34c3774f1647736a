import * as v from 'valibot'
import { BuilderId } from '../../../../contract/grammar'
import { recordVersions } from '../../../../contract/version'
import type { DocumentFormat } from '../../../../core/versions/document'
import type { SwitchNote } from '../../../ports/records'
import { KeptFailure } from './kept-failure'

const failure = v.fallback(KeptFailure, { code: 'UNREACHABLE', facts: {} })

/** Why a builder is off, or on in spite of us. */
export const Note = v.variant('kind', [
  v.object({
    id: BuilderId,
    kind: v.literal('paused'),
    pause: v.exactOptional(
      v.object({
        until: v.pipe(v.string(), v.isoTimestamp()),
        forMs: v.pipe(v.number(), v.minValue(0)),
      }),
    ),
  }),
  v.object({ id: BuilderId, kind: v.literal('suspended'), since: v.string(), failure }),
  v.object({ id: BuilderId, kind: v.literal('insisted'), failure }),
])

/** Why a builder is off or on. */
export const switchNoteFormat: DocumentFormat<SwitchNote> = {
  version: recordVersions.switchNote,
  migrations: [],
  read: (document) => {
    const parsed = v.safeParse(Note, document)
    return parsed.success ? parsed.output : undefined
  },
}
