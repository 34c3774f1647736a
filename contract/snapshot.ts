import type { Proof, RegisteredBuilder } from './builder'
import type { BuildsView } from './builds'
import type { OtherMachine } from './daemon'
import type { Failure } from './failure'
import type { HealthView } from './health'
import type { OwnedFile } from './helper'
import type { JobView } from './job'
import type { Modes, SubstituterView } from './mode'
import type { AutostartView, Preferences } from './preferences'
import type { Derived, RemoteFacts } from './remote'

/** The Nix of this computer. */
export interface LocalNix {
  readonly version: string
  readonly kind: 'multi-user' | 'single-user'
  /** Single-user, of somebody else than this person: their name. */
  readonly owner?: string
  /** Single-user, and this person’s. */
  readonly isMine?: boolean
  readonly system: string
  readonly declarative?: 'nixos' | 'nix-darwin'
  /** And its configuration has Nix and ssh read Millwright's files already, as our module does. */
  readonly isDeclared?: boolean
}

/** How root's part gets done here. */
export interface HelperView {
  /** `outdated`: of an earlier version, or older than what wrote root's files; it does what it can. */
  readonly state: 'ready' | 'missing' | 'insecure' | 'outdated'
  /** Of the helper that is installed, once it has answered. */
  readonly version?: string
  /** `not-needed`: the store is the person's own, and root has no part in it. */
  readonly way: 'pkexec' | 'sudo' | 'doas' | 'run0' | 'root' | 'none' | 'not-needed'
  readonly generation?: number
  readonly warnings: readonly string[]
  /** What a person runs to install it, where it is missing. */
  readonly installCommand: string
  /** By one click too: what installs it is root's alone, as in a package, and the desktop can ask an administrator. */
  readonly isInstallable?: boolean
}

/** What is shown of a builder: its lasting state, or while it is watched and on, how it does now. */
export const builderStates = [
  'ready',
  'building',
  'slow',
  'nix-broken',
  'disk-low',
  'paused',
  'suspended',
  'unproven',
  'unreachable',
  'refused',
  'needs-you',
  'not-used',
] as const
export type BuilderState = (typeof builderStates)[number]

export interface BuilderView extends Omit<RegisteredBuilder, 'substituter'> {
  readonly substituter: SubstituterView
  /** ISO 8601; absent while paused until the person resumes it. */
  readonly pausedUntil?: string
  /** Taken out of Nix’s way by Millwright itself, since when; `failure` says why. */
  readonly suspendedSince?: string
  /** Where else the same machine is offered to Nix, `FILE:LINE`: pausing it does not keep those builds away. */
  readonly alsoOffered?: readonly string[]
  /** Builds of this computer that run there now: Nix’s own slots. */
  readonly runningBuilds?: number
  readonly state: BuilderState
  /** While it is watched; it lags behind by no more than the time between two looks. */
  readonly health?: HealthView
  /** Why the state is not `ready`. */
  readonly failure?: Failure
  readonly proof?: Proof
  readonly facts?: RemoteFacts
  readonly derived: readonly Derived[]
  /** `user@host:port` of the login that set it up, for removing. */
  readonly login?: string
  /** ISO 8601 */
  readonly addedAt?: string
  /** What was made over there. */
  readonly remoteFiles: readonly OwnedFile[]
  readonly fingerprints: readonly { readonly type: string; readonly fingerprint: string }[]
}

/** A machine one click away: from the SSH configuration, known hosts or an existing machines file. */
export interface ReachableMachine {
  /** What is handed to `add-builder`. */
  readonly address: string
  readonly label: string
  readonly source: 'ssh-config' | 'known-hosts' | 'machines-file'
  readonly detail: string
  /** The builder that it is already, as far as that is known without asking it. */
  readonly builder?: string
}

/** A line of somebody else's machines file that Nix cannot read: it stops every builder. */
export interface BrokenLine {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly message: string
  /** The line as it could be, for copying. */
  readonly mended?: string
}

/** How root's handshake with a builder of others went. */
export interface LineAnswer {
  /** ISO 8601 */
  readonly at: string
  readonly latencyMs?: number
  readonly failure?: Failure
}

/** A builder in a line that Millwright has not written: Nix uses it, and the line stays as it is. */
export interface UnmanagedBuilder {
  /** The host or alias that stands there. */
  readonly name: string
  /** `FILE:LINE` */
  readonly where: string
  readonly isDeclared?: boolean
  /** By which root finds the line again. */
  readonly key?: string
  /** Absent: only root may read the line. */
  readonly machine?: OtherMachine
  /** The builder of ours that is the same machine. */
  readonly builder?: string
  readonly runningBuilds?: number
  /** Absent: nobody has looked. */
  readonly answer?: LineAnswer
}

/** All that the window, the tray and the terminal show. Nothing in it is secret. */
export interface Snapshot {
  /** Grows with every change; the higher one wins. */
  readonly revision: number
  readonly appVersion: string
  readonly platform: 'linux' | 'darwin'
  readonly nix?: LocalNix
  /** Set when there is no usable Nix here. */
  readonly nixFailure?: Failure
  readonly helper: HelperView
  readonly modes: Modes
  readonly tray: 'shown' | 'absent'
  readonly builders: readonly BuilderView[]
  /** Builders that others wrote into what Nix goes by. */
  readonly unmanaged: readonly UnmanagedBuilder[]
  readonly builds: BuildsView
  readonly preferences: Preferences
  readonly autostart: AutostartView
  readonly jobs: readonly JobView[]
  readonly reachable: readonly ReachableMachine[]
  readonly brokenLines: readonly BrokenLine[]
  readonly localFiles: readonly OwnedFile[]
  readonly foreign: readonly { readonly path: string; readonly text: string }[]
}
