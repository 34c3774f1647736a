import type { Preferences, PreferencesChange } from '../../contract/preferences'

/** The preferences with those settings changed that the change names. */
export function changePreferences(known: Preferences, change: PreferencesChange): Preferences {
  const { notifications = {}, ...rest } = change
  return { ...withGiven(known, rest), notifications: withGiven(known.notifications, notifications) }
}

function withGiven<T extends object>(known: T, change: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  return { ...known, ...Object.fromEntries(given) }
}
