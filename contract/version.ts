/**
 * The versions of all that is kept or crosses a process. A number grows only where an older reader would misread the
 * newer thing: one field more is no new version, since unknown ones are kept and missing ones get defaults.
 * What says no version is of the first. Formats of others (known_hosts, nix.conf) carry none of ours.
 */

/** Of the person's own files, each by what it holds. */
export const recordVersions = {
  /** 2: `scripts_hash`, once `scripts_mark`. */
  builder: 2,
  switchNote: 1,
  receipt: 1,
  /** 2: an object, once a bare list. */
  substituters: 2,
  preferences: 1,
  /** 2: an object, once a bare list. */
  finishedBuilds: 2,
  window: 1,
  /** What the app says of its builders to a terminal beside it. */
  told: 1,
  /** Stands as the last letter of the file’s first four. */
  series: 1,
} as const

/** Of root's own files. */
export const rootVersions = {
  /** `state.json` of a generation. */
  state: 1,
  /** `origin.json`: what was not there before us. */
  origin: 1,
} as const

/** Of what two programs say to each other. */
export const protocolVersions = {
  /** In the helper's hello line. 2: says its protocol. */
  helper: 2,
  /** `remote/probe.sh`. 2: one process that is asked a line at a time. */
  probe: 2,
  /** `remote/collect.sh`. */
  collect: 1,
} as const
