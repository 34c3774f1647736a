import type { AutostartView, AutostartWay, Preferences } from '../../contract/preferences'

/** What the person likes, in one file of theirs. */
export interface PreferencesPort {
  /** The usual ones where there are none, or none that can be read. Never fails. */
  read(): Promise<Preferences>
  /** Reads, changes and writes in one turn, also among processes; returns what holds then. Fails with DATA_UNWRITABLE. */
  update(change: (preferences: Preferences) => Preferences): Promise<Preferences>
}

/** Starting when the person logs in. */
export interface AutostartPort {
  /** Reads the desktop's and systemd's own files. Never fails. */
  read(): Promise<AutostartView>
  /** Exactly this way and no other. Fails with AUTOSTART_FAILED. */
  set(way: AutostartWay): Promise<void>
}
