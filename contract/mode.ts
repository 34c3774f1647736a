import * as v from 'valibot'

/** `remote-only`: `max-jobs = 0`. `local-only`: an empty `builders`. The two exclude each other. */
export const ModeName = v.picklist(['remote-only', 'local-only'])
export type ModeName = v.InferOutput<typeof ModeName>

/** `me`: the person's own nix.conf, no password. `everyone`: root's files, through the helper. */
export const Scope = v.picklist(['me', 'everyone'])
export type Scope = v.InferOutput<typeof Scope>

/** Whom a press means. `wherever`: on is for me alone; off is for me and for everyone, wherever it is on. */
export const Reach = v.picklist([...Scope.options, 'wherever'])
export type Reach = v.InferOutput<typeof Reach>

/** One of the switches a person reaches for every day: what was asked for, and what Nix really does. */
export interface ModeView {
  readonly me: boolean
  /** Always false for `local-only`, which is each person's own. */
  readonly everyone: boolean
  /** Read back from Nix itself, for this person, now. */
  readonly inForce: boolean
  /** The system of this computer, set where it builds nothing itself and no builder that Nix goes by takes it over. */
  readonly nothingBuiltFor?: string
  /** Set when something else decides: which setting, and where it stands (a file with its line, a variable). */
  readonly overriddenBy?: { readonly setting: string; readonly where: string }
}

export interface Modes {
  readonly remoteOnly: ModeView
  readonly localOnly: ModeView
}

export const modesOff: Modes = {
  remoteOnly: { me: false, everyone: false, inForce: false },
  localOnly: { me: false, everyone: false, inForce: false },
}

/** A builder as substituter: offered by root (key and store are trusted), used by me, used by everyone. */
export interface SubstituterView {
  readonly offered: boolean
  readonly me: boolean
  readonly everyone: boolean
  /** Nobody else uses the Nix of this computer, so that there is no everyone. */
  readonly isForMeAlone?: boolean
  /** While paths that were there before the key are being signed. */
  readonly signing?: { readonly done: number; readonly total: number }
}
