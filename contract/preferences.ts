import * as v from 'valibot'

/** What the person likes; kept in their own data. */
export const Preferences = v.strictObject({
  notifications: v.strictObject({
    /** A builder is lost, and is back. */
    lost: v.boolean(),
    diskLow: v.boolean(),
    hostKeyChanged: v.boolean(),
    longBuild: v.boolean(),
  }),
  /** From which duration on a build counts as long, in minutes. */
  longBuildMinutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1440)),
  /** Whether a builder that stops answering is taken out of Nix's way by itself. */
  suspend: v.boolean(),
})
export type Preferences = v.InferOutput<typeof Preferences>

export const defaultPreferences: Preferences = {
  notifications: { lost: true, diskLow: true, hostKeyChanged: true, longBuild: true },
  longBuildMinutes: 10,
  suspend: true,
}

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
