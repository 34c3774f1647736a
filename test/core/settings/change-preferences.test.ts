import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { defaultPreferences, Preferences, PreferencesChange } from '../../../contract/preferences'
import { changePreferences } from '../../../core/settings/change-preferences'

describe('a setting', () => {
  it('is as usual where a file knows nothing of it', () => {
    const kept = { notifications: { lost: false }, suspend: false }
    expect(v.parse(Preferences, kept)).toEqual({
      notifications: { ...defaultPreferences.notifications, lost: false },
      longBuildMinutes: 10,
      suspend: false,
    })
  })

  it('changes alone', () => {
    const both = [{ notifications: { lost: false } }, { notifications: { longBuild: false } }]
    expect(both.reduce(changePreferences, defaultPreferences)).toEqual({
      ...defaultPreferences,
      notifications: { ...defaultPreferences.notifications, lost: false, longBuild: false },
    })
    expect(changePreferences(defaultPreferences, { longBuildMinutes: 60 })).toEqual({
      ...defaultPreferences,
      longBuildMinutes: 60,
    })
  })

  it('that a change leaves open is not filled in', () => {
    for (const change of [{}, { suspend: false }, { notifications: {} }, { notifications: { lost: true } }])
      expect(v.parse(PreferencesChange, change)).toEqual(change)
  })

  it.each([{ longBuildMinutes: 0 }, { longBuildMinutes: 1441 }, { suspend: 'no' }, { unknown: true }])(
    'does not become %j',
    (change) => {
      expect(v.is(PreferencesChange, change)).toBe(false)
    },
  )
})
