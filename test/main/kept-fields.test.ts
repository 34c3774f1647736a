import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { Preferences } from '../../contract/preferences'
import { RemoteFacts } from '../../contract/remote'
import { StateFields } from '../../helper/state/state'
import { Finished } from '../../main/adapters/builds/finished-builds'
import { NeededOfRecord, RestOfRecord } from '../../main/adapters/data/formats/builder-record'
import { ReceiptFields } from '../../main/adapters/data/formats/receipt'
import { Note } from '../../main/adapters/data/formats/switch-note'
import { WindowFile } from '../../main/adapters/data/window-bounds'
import { readFormats } from '../fixtures/read-formats'
import { pathsOfSchema, pathsOfValue } from '../fixtures/schema-paths'

/** Every field of each kind of file that is kept, as this program writes it. */
const schemas: Readonly<Record<string, v.GenericSchema>> = {
  'builder-record': v.object({ ...NeededOfRecord.entries, ...RestOfRecord.entries, facts: RemoteFacts }),
  'switch-note': Note,
  receipt: ReceiptFields,
  preferences: Preferences,
  'finished-builds': v.object({ builds: v.array(Finished) }),
  window: WindowFile,
  state: StateFields,
}

describe('the files of test/fixtures/formats', () => {
  it.each(Object.entries(schemas))('hold every field that is kept today: %s', (kind, schema) => {
    const held = new Set(readFormats(kind).flatMap(([, text]) => pathsOfValue(JSON.parse(text))))
    const kept = pathsOfSchema(schema)
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.filter((path) => !held.has(path))).toEqual([])
  })
})
