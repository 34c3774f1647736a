import { join } from 'node:path'
import { defaultPreferences, Preferences } from '../../../contract/preferences'
import { recordVersions } from '../../../contract/version'
import type { DocumentFormat } from '../../../core/versions/document'
import { readLeniently } from '../../../core/versions/read-leniently'
import type { PreferencesPort } from '../../ports/preferences'
import { createDocumentFile } from './document-file'
import { guard } from './document-folder'
import { warnOnce } from './warn-once'

/** One that is missing or does not fit is the usual one, and takes no other with it. */
export const preferencesFormat: DocumentFormat<Preferences> = {
  version: recordVersions.preferences,
  migrations: [],
  read: (document) => readLeniently(Preferences, defaultPreferences, document),
}

/** `preferences.json` in the person's data, mode 0600. */
export function createPreferences({ dir }: { readonly dir: string }): PreferencesPort {
  const path = join(dir, 'preferences.json')
  const file = createDocumentFile(path, preferencesFormat, warnOnce())
  return {
    // Whatever stands in the way: a window with the usual ones is better than none.
    read: async () => (await file.read().catch(() => undefined)) ?? defaultPreferences,
    update: (change) =>
      guard(path, async () => {
        const kept = await file.update((known = defaultPreferences) => change(known))
        return kept ?? defaultPreferences
      }),
  }
}
