import * as v from 'valibot'

/** What one setting may be, and what it is until the person says otherwise, or where a file knows nothing of it. */
const setting = <const S extends v.GenericSchema<boolean> | v.GenericSchema<number>>(
  schema: S,
  usual: v.InferOutput<S>,
) => v.optional(schema, () => usual)

const Notifications = v.strictObject({
  /** A builder is lost, and is back. */
  lost: setting(v.boolean(), true),
  diskLow: setting(v.boolean(), true),
  hostKeyChanged: setting(v.boolean(), true),
  longBuild: setting(v.boolean(), true),
})

/** What the person likes; kept in their own data. One row a setting. */
export const Preferences = v.strictObject({
  notifications: v.optional(Notifications, () => ({})),
  /** From which duration on a build counts as long, in minutes. */
  longBuildMinutes: setting(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1440)), 10),
  /** Whether a builder that stops answering is taken out of Nix's way by itself. */
  suspend: setting(v.boolean(), true),
})
export type Preferences = v.InferOutput<typeof Preferences>

export const defaultPreferences: Preferences = v.parse(Preferences, {})

/** Only the settings that change, so that two changes at once are both kept. */
export const PreferencesChange = v.partial(
  v.strictObject({ ...Preferences.entries, notifications: v.partial(Notifications) }),
)
export type PreferencesChange = v.InferOutput<typeof PreferencesChange>

/**
 * How Millwright starts when the person logs in: not at all, by the desktop (XDG autostart, a login item on macOS),
 * or by systemd's user manager.
 */
export const AutostartWay = v.picklist(['off', 'desktop', 'systemd'])
export type AutostartWay = v.InferOutput<typeof AutostartWay>

export interface AutostartView {
  readonly way: AutostartWay
  /** The ways that there are here. */
  readonly offered: readonly AutostartWay[]
}
