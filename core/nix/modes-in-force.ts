import type { DaemonView } from '../../contract/daemon'
import type { Modes, ModeView } from '../../contract/mode'
import type { EffectiveSettings } from './effective-settings'
import { placeText } from './setting-place'
import type { UserSettings } from './user-conf'

/**
 * The systems that some machine would take this person's builds for. The daemon goes by its own list, but for who is
 * trusted and sends another, and for the empty one, which it takes from anybody (daemon.cc, ClientSettings::apply).
 * Undefined where what the daemon goes by is not known.
 */
export function systemsInForce(
  { builders, sendsBuilders, lines, system }: EffectiveSettings,
  daemon: DaemonView | undefined,
): readonly string[] | undefined {
  if (sendsBuilders && builders === '') return []
  if (sendsBuilders && daemon?.trustsCaller)
    return lines.flatMap(({ machine }) => machine.systems ?? [system])
  return daemon?.systems
}

/** Whether with `max-jobs = 0` nothing could be built for this computer's own system; false where that is not known. */
export function isNothingBuilt(effective: EffectiveSettings, daemon: DaemonView | undefined): boolean {
  const systems = systemsInForce(effective, daemon)
  return systems !== undefined && !systems.includes(effective.system)
}

/** What was asked for beside what Nix does. Without an answer of Nix nothing is in force. */
export function modesOf(
  me: UserSettings,
  /** The helper's `remoteOnly`. */
  everyone: boolean,
  effective: EffectiveSettings | undefined,
  daemon?: DaemonView,
): Modes {
  const view = (mine: boolean, all: boolean, setting: 'max-jobs' | 'builders'): ModeView => {
    if (!effective) return { me: mine, everyone: all, inForce: false }
    const isSaid = setting === 'max-jobs' ? effective.maxJobs === 0 : effective.builders === ''
    const place = setting === 'max-jobs' ? effective.places.maxJobs : effective.places.builders
    const where =
      (mine ? effective.bypassedBy : undefined) ?? (place ? placeText(place) : '/etc/nix/nix.conf')
    const isOverridden = isSaid !== (mine || all)
    const isDeadlock = setting === 'max-jobs' && isSaid && isNothingBuilt(effective, daemon)
    return {
      ...{ me: mine, everyone: all, inForce: isSaid && !isDeadlock },
      ...(isOverridden ? { overriddenBy: { setting, where } } : {}),
      ...(isDeadlock ? { nothingBuiltFor: effective.system } : {}),
    }
  }
  return {
    remoteOnly: view(me.remoteOnly, everyone, 'max-jobs'),
    localOnly: view(me.localOnly, false, 'builders'),
  }
}
