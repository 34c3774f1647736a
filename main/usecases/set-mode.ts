import type { DaemonView } from '../../contract/daemon'
import type { ModeName } from '../../contract/mode'
import type { EffectiveSettings } from '../../core/nix/effective-settings'
import { isNothingBuilt, modesOf } from '../../core/nix/modes-in-force'
import { isOwnPlace, placeText } from '../../core/nix/setting-place'
import type { UserSettings } from '../../core/nix/user-conf'
import { fail } from '../failures'
import type { Flow, Job } from '../jobs/job'
import { noWayBack } from '../jobs/no-way-back'
import type { Ports } from '../ports/ports'

type Needs = Pick<Ports, 'helper' | 'local' | 'userConf'>

/** The person's own switch: no root, no daemon, in force for the very next `nix` when it settles. */
export async function setModeForMe(
  { helper, userConf }: Pick<Needs, 'helper' | 'userConf'>,
  mode: ModeName,
  on: boolean,
): Promise<void> {
  const daemon = on && mode === 'remote-only' ? await helper.daemon({ maxAgeMs: 60_000 }) : undefined
  await userConf.update(
    (mine) => switched(mine, mode, on),
    (now) => (on ? refuseDeadlock(now, mode, daemon) : undefined),
  )
}

/** Everyone's: root's nix.conf says it, and every client of the daemon reads that for itself at its start. */
export async function* setRemoteOnlyForEveryone(
  { helper, local, userConf }: Needs,
  job: Job,
  on: boolean,
  /** The person's own switch goes the same way, once root's has. */
  andForMe = false,
): Flow<'mode'> {
  yield 'switch'
  if (on && (await helper.inspect()).way === 'not-needed') fail('NOBODY_ELSE_HERE')
  const { initialised } = await helper.status()
  if (!initialised) fail('NOTHING_SET_UP')
  if (on) refuseDeadlock(await local.settings(), 'remote-only', await helper.daemon())
  if (on && (await userConf.read()).localOnly) {
    // First, because it takes no root to put back: with both in force nothing could be built at all.
    await job.undo({
      ifLeft: 'Building only locally is off: run millwright local-only on.',
      run: async () =>
        (await helper.status()).remoteOnly
          ? undefined
          : await userConf.update((now) => ({ ...now, localOnly: true })),
    })
    await userConf.update((now) => ({ ...now, localOnly: false }))
  }
  if (andForMe) {
    await job.undo({
      ifLeft: `Building only remotely is as it was for you alone: run millwright remote-only ${on ? 'on' : 'off'}.`,
      run: async () => ((await helper.status()).remoteOnly === on ? noWayBack() : undefined),
    })
  }
  await helper.call({ op: 'set-mode', remoteOnly: on }, { signal: job.signal, ask: job.ask })
  if (andForMe) await setModeForMe({ helper, userConf }, 'remote-only', on)
}

/** The two exclude each other: turning one on turns the other off. */
function switched(mine: UserSettings, mode: ModeName, on: boolean): UserSettings {
  return mode === 'remote-only'
    ? { ...mine, remoteOnly: on, localOnly: mine.localOnly && !on }
    : { ...mine, localOnly: on, remoteOnly: mine.remoteOnly && !on }
}

/** With `max-jobs = 0` and no builders Nix builds nothing. Where the other half is not ours to change, refuse. */
function refuseDeadlock(settings: EffectiveSettings, mode: ModeName, daemon: DaemonView | undefined): void {
  const { maxJobs, builders, places, isDaemonsUser } = settings
  if (mode === 'local-only' && isDaemonsUser) fail('MODE_REACHES_EVERYONE')
  const [isOther, setting, place] =
    mode === 'local-only'
      ? [maxJobs === 0, 'max-jobs', places.maxJobs]
      : [builders === '', 'builders', places.builders]
  if (isOther && !isOwnPlace(place)) {
    fail('MODES_CONFLICT', { setting, ...(place ? { where: placeText(place) } : {}) })
  }
  // Our own switch of the other mode goes off with this.
  const isOursToChange = isOther && isOwnPlace(place)
  if (mode === 'remote-only' && !isOursToChange && isNothingBuilt(settings, daemon))
    fail('NO_BUILDER_FOR_SYSTEM', { system: settings.system })
}

/** Both modes as they are: what was asked for, and what Nix answers when asked now. Never fails. */
export async function readModes({ helper, local, userConf }: Needs) {
  const [mine, effective, daemon] = await Promise.all([
    userConf.read(),
    // Without an answer of Nix, what was asked for is shown.
    local.settings().catch(() => undefined),
    helper.daemon({ maxAgeMs: 60_000 }),
  ])
  return (everyone: boolean) => modesOf(mine, everyone, effective, daemon)
}
