import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { defaultPreferences, Preferences } from '../../../contract/preferences'
import { fail } from '../../failures'
import type { PreferencesPort } from '../../ports/preferences'
import { writeFileWhole } from './write-file'

/** `preferences.json` in the person's data, mode 0600. */
export function createPreferences({ dir }: { readonly dir: string }): PreferencesPort {
  const path = join(dir, 'preferences.json')
  return {
    read: async () => {
      try {
        return v.parse(Preferences, JSON.parse(await readFile(path, 'utf8')))
      } catch {
        // None yet, or damaged: what was chosen is chosen again, and nothing stands on it.
        return defaultPreferences
      }
    },
    write: async (preferences) => {
      try {
        await writeFileWhole(path, `${JSON.stringify(preferences, undefined, 2)}\n`)
      } catch (error) {
        fail('DATA_UNWRITABLE', { path }, String(error))
      }
    },
  }
}
