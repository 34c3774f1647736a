import type { LocalNix } from '../../contract/snapshot'
import type { EffectiveSettings } from '../../core/nix/effective-settings'
import { emptyUserSettings, type UserSettings } from '../../core/nix/user-conf'
import type { MachineIdentity } from '../../core/provision/identity'
import { fail } from '../../main/failures'
import type { LocalPort } from '../../main/ports/local'
import type { SlotsPort } from '../../main/ports/slots'
import type { UserConfPort } from '../../main/ports/user-conf'
import type { Calls } from './calls'
import { hostKey } from './keys'
import type { Root } from './root'

/** The Nix of this computer as the person has it. */
export interface OwnNix {
  nix: LocalNix | undefined
  settings: UserSettings
  /** Slots taken of each builder, by the name of its slots. */
  slots: ReadonlyMap<string, number>
  identity: MachineIdentity
}

export function createOwnNix(): OwnNix {
  return {
    nix: { version: 'nix (Nix) 2.8.0', kind: 'multi-user', system: 'x86_64-linux' },
    settings: emptyUserSettings,
    slots: new Map(),
    identity: { hostKeys: [hostKey(0)], bootId: 'boot-0', machineId: 'machine-0' },
  }
}

const ownFile = '/home/dev/.config/nix/millwright.conf'
const rootFile = '/etc/nix/millwright/current/nix.conf'

/** What Nix would say is in force: the person's own lines after root's. */
function effectiveSettings({ settings }: OwnNix, root: Root): EffectiveSettings {
  const place = (isOwn: boolean, isRoots: boolean) =>
    isOwn ? { file: ownFile, line: 2 } : isRoots ? { file: rootFile, line: 2 } : undefined
  const everyone = root.state?.remoteOnly ?? false
  const [maxJobs, builders] = [
    place(settings.remoteOnly, everyone),
    place(settings.localOnly, root.state !== undefined),
  ]
  return {
    maxJobs: settings.remoteOnly || everyone ? 0 : 8,
    builders: settings.localOnly || !root.state ? '' : '@/etc/nix/millwright/current/machines',
    substituters: ['https://cache.nixos.org', ...settings.substituters],
    places: { ...(maxJobs ? { maxJobs } : {}), ...(builders ? { builders } : {}) },
    isDaemonsUser: false,
    system: 'x86_64-linux',
    sendsBuilders: settings.localOnly,
    lines: [],
  }
}

export function createLocal(calls: Calls, own: OwnNix, root: Root): LocalPort {
  return {
    nix: () => calls.run('local.nix', () => own.nix ?? fail('LOCAL_WITHOUT_NIX')),
    settings: () => calls.run('local.settings', () => effectiveSettings(own, root)),
    namesOf: async (host) => [host],
    speedScore: () => calls.run('local.speedScore', () => 32),
    identity: () => calls.run('local.identity', () => own.identity),
    reachable: () => calls.run('local.reachable', () => []),
  }
}

export function createUserConf(calls: Calls, own: OwnNix, root: Root): UserConfPort {
  return {
    read: () => calls.run('userConf.read', () => own.settings),
    files: () => calls.run('userConf.read', () => []),
    update: async (change, precondition = () => undefined) => {
      // What it is changed to may take other calls, so that they come before it.
      const settings = await change(own.settings)
      await calls.run('userConf.update', () => {
        if (settings.remoteOnly && settings.localOnly) calls.misuse('nothing could be built at all')
        precondition(effectiveSettings(own, root))
        own.settings = settings
      })
    },
  }
}

export function createSlots(calls: Calls, own: OwnNix): SlotsPort {
  return { taken: () => calls.run('slots.taken', () => own.slots), onLetGo: () => () => undefined }
}
