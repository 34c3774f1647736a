import type { PublicKey } from '../../contract/grammar'
import type { ScriptTexts } from '../../core/scripts/assemble'
import type { BuildsPort } from './builds'
import type { CollectPort } from './collect'
import type { FinishedBuildsPort } from './finished-builds'
import type { HelperPort } from './helper'
import type { KeychainPort, KeyPair } from './keychain'
import type { Clock, LocalPort } from './local'
import type { Log } from './log'
import type { JitteredSleep, MonitorPort, OnWake } from './monitor'
import type { AutostartPort, PreferencesPort } from './preferences'
import type { RecordsPort } from './records'
import type { SeriesPort } from './series'
import type { SlotsPort } from './slots'
import type { SshPort } from './ssh'
import type { ToldPort } from './told'
import type { UserConfPort } from './user-conf'

/** All that a use-case may reach of the world. */
export interface Ports {
  readonly ssh: SshPort
  readonly helper: HelperPort
  readonly keychain: KeychainPort
  readonly makeKeyPair: () => Promise<KeyPair>
  /** Whether a private key of ours is whole. */
  readonly readsAsPrivateKey: (privateKey: string) => boolean
  readonly records: RecordsPort
  readonly local: LocalPort
  readonly userConf: UserConfPort
  readonly slots: SlotsPort
  readonly builds: BuildsPort
  readonly finishedBuilds: FinishedBuildsPort
  readonly series: SeriesPort
  readonly told: ToldPort
  readonly collect: CollectPort
  readonly preferences: PreferencesPort
  readonly autostart: AutostartPort
  readonly monitor: MonitorPort
  readonly jitteredSleep: JitteredSleep
  readonly onWake: OnWake
  readonly scripts: ScriptTexts
  /** `SHA256:…` of a public key, as ssh-keygen(1) -l prints it. */
  readonly fingerprint: (key: PublicKey) => string
  readonly clock: Clock
  readonly log: Log
}
