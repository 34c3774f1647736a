import type { LocalNix, ReachableMachine } from '../../contract/snapshot'
import type { EffectiveSettings } from '../../core/nix/effective-settings'
import type { MachineIdentity } from '../../core/provision/identity'

/** A machine within reach, with what its builder could be known by. */
export interface FoundMachine extends ReachableMachine {
  /** Where it leads to; no name is asked for its address. */
  readonly host: string
  readonly port: number
  /** Base64 of the keys that known_hosts has of it in the clear. */
  readonly hostKeys: readonly string[]
}

/** This computer's Nix and what the person already knows of other machines. Read-only. */
export interface LocalPort {
  /** Fails with LOCAL_WITHOUT_NIX, LOCAL_NIX_CONF_BROKEN, LOCAL_NIX_FILE_UNFIT or LOCAL_NIX_SILENT. */
  nix(): Promise<LocalNix>
  /** What Nix itself says is in force for this person now. Fails with the same. */
  settings(): Promise<EffectiveSettings>
  /** The host itself and every address of it that is found within a second. Never fails. */
  namesOf(host: string): Promise<readonly string[]>
  /** Rounds of the same fixed work as `remote/look/speed.sh` measures, here. */
  speedScore(): Promise<number>
  /** Who this computer is, for telling it from others. Never fails: what cannot be read is not known. */
  identity(): Promise<MachineIdentity>
  /** Hosts of the SSH configuration and of known hosts. Never fails: what cannot be read is left out. */
  reachable(): Promise<readonly FoundMachine[]>
}

export interface Clock {
  now(): Date
  /** A short random id: `[a-z0-9]{12}`. */
  newId(): string
}
