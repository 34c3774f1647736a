import type { OwnedFile } from '../../contract/helper'
import type { EffectiveSettings } from '../../core/nix/effective-settings'
import type { UserSettings } from '../../core/nix/user-conf'

/** The person's own Nix configuration: one line in `~/.config/nix/nix.conf` and one file of ours beside it. */
export interface UserConfPort {
  /** What was asked for here; nothing, where our line is not included. Never fails. */
  read(): Promise<UserSettings>
  /** What of it is Millwright's. Never fails. */
  files(): Promise<readonly OwnedFile[]>
  /**
   * Reads, changes and writes in one turn, also among processes. In force for the next `nix` of this person when it
   * settles; with nothing set both files are as before. Somebody's edit meanwhile wins, and the change is made to
   * what they wrote. Fails with USER_CONF_READ_ONLY, USER_CONF_DECLARATIVE, USER_CONF_CHANGED (edited again and
   * again), DATA_UNWRITABLE or LOCAL_NIX_CONF_BROKEN, and then nothing has changed; nor has it when `precondition`,
   * which is told what is in force before, throws.
   */
  update(
    change: (settings: UserSettings) => UserSettings | Promise<UserSettings>,
    precondition?: (now: EffectiveSettings) => void,
  ): Promise<void>
}
