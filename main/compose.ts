import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Handlers } from '../contract/api'
import { coalesce } from '../core/sync/coalesce'
import { createReadings } from '../core/sync/readings'
import { findInstallation } from '../helper/system/find-installation'
import { createBuilds } from './adapters/builds/builds'
import { createFinishedBuilds } from './adapters/builds/finished-builds'
import { findLogPath } from './adapters/builds/log-path'
import { createSlots } from './adapters/builds/slots'
import { createKeychain } from './adapters/data/keychain'
import { createPreferences } from './adapters/data/preferences'
import { createRecords } from './adapters/data/records'
import { createSeries } from './adapters/data/series'
import { createTold } from './adapters/data/told'
import type { RootTerminal } from './adapters/helper/as-root'
import { createHelper, helperPrefixes, type Installer } from './adapters/helper/helper'
import { createOwnFiles } from './adapters/helper/own-files'
import { createWhereItIsKept } from './adapters/helper/where-it-is-kept'
import { findNix } from './adapters/nix/find-nix'
import { createLocal } from './adapters/nix/local'
import { createUserConf, userConfFolder } from './adapters/nix/user-conf'
import { fingerprintOf } from './adapters/ssh/authentication/host-keys'
import { createCollect } from './adapters/ssh/collect'
import { makeKeyPair, readsAsPrivateKey } from './adapters/ssh/key-pair'
import { createMonitor } from './adapters/ssh/monitor'
import { remoteScripts } from './adapters/ssh/remote-scripts'
import { createSsh } from './adapters/ssh/ssh'
import { type AutostartMeans, createAutostart } from './adapters/system/autostart'
import { createClock } from './adapters/system/clock'
import { dataFolder } from './adapters/system/folders'
import { jitteredSleep } from './adapters/system/jittered-sleep'
import { createOnWake } from './adapters/system/wake'
import { watchSystem } from './adapters/system/watch-system'
import { applyReading } from './apply-reading'
import { createHandlers } from './commands'
import { logged } from './failures'
import { initialState } from './initial-state'
import { createJobs } from './jobs/jobs'
import { logRefusals } from './log-refusals'
import type { Log } from './ports/log'
import type { Ports } from './ports/ports'
import { createSlotCounter } from './slot-counter'
import { createStore, type Store } from './store'
import type { Following } from './terminal/app-view'
import { hearOnce, tellHealth } from './told-health'
import { readSystem } from './usecases/status/read-system'
import { syncUserSubstituters } from './usecases/steps/user-substituters'
import { endDuePauses, reinstateAll } from './usecases/watching/suspend-builder'
import { createWatcher, createWatchPolicy, type Watcher } from './watcher'

export interface ComposeOptions {
  readonly appVersion: string
  readonly copyText: (text: string) => void
  /** Whether sudo and its like may be tried besides polkit, and may ask. */
  readonly rootTerminal?: RootTerminal
  /** The process ends with its one job: nobody will want to know how the system looks after it. */
  readonly endsWithJob?: boolean
  /** What can be started at login, and how. */
  readonly autostart?: AutostartMeans
  /** What installs the helper, where this program is part of a package. */
  readonly installer?: Installer
  /** Where the program that runs lies: what it brings of its own is found from there. */
  readonly programFolder: string
  readonly log: Log
  /** Where what is known is kept, for who shows it before all of this is loaded. */
  readonly store?: Store
}

/** The product: what the tray, the window and the terminal stand on. */
export interface App {
  readonly handlers: Handlers
  readonly store: Store
  /** Settles once the system has been read for the first time. */
  readonly ready: Promise<void>
  /** Keeps an eye on what others change; for an app that stays. */
  watch(): void
  /** Watches builders (or that one) and builds, and changes nothing; for a terminal. */
  follow(id?: string): Following
  /** Probes every builder now: this computer has woken up. */
  wake(): void
  /** Ends what runs, undoing what is half done. */
  close(): Promise<void>
}

/** Nobody who quits waits longer than this for builders that are reinstated. */
const goodbyeMs = 5_000

/** What Nix goes by may also change where only root can look. */
const readAgainMs = 5 * 60_000

async function readAgain(refresh: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await jitteredSleep(readAgainMs, signal)
    if (!signal.aborted) await refresh()
  }
}

/** The one place where ports meet their adapters. */
export function compose({
  appVersion,
  copyText,
  rootTerminal = 'none',
  endsWithJob = false,
  autostart = {},
  installer,
  programFolder,
  log,
  store = createStore(initialState(appVersion)),
}: ComposeOptions): App {
  const dir = dataFolder()
  const local = createLocal()
  const ports: Ports = {
    ssh: createSsh({ knownHostsFile: join(dir, 'known_hosts') }),
    helper: createWhereItIsKept(
      createHelper({
        terminal: rootTerminal,
        prefixes: helperPrefixes(programFolder),
        ...(installer ? { installer } : {}),
      }),
      createOwnFiles(),
      () => findInstallation().isMine,
    ),
    keychain: createKeychain({ service: 'millwright', filePath: join(dir, 'secrets.json') }),
    makeKeyPair: () => makeKeyPair(),
    readsAsPrivateKey,
    records: createRecords({ dir }),
    local,
    userConf: createUserConf({
      folder: userConfFolder(),
      lockBeside: join(dir, 'user-conf'),
      readSettings: local.settings,
    }),
    slots: createSlots(),
    builds: createBuilds({ findNix, findLog: () => findLogPath(findNix()) }),
    finishedBuilds: createFinishedBuilds({ dir, log }),
    series: createSeries({ dir: join(dir, 'series'), log }),
    told: createTold({ dir, log }),
    collect: createCollect(),
    preferences: createPreferences({ dir }),
    autostart: createAutostart(autostart),
    monitor: createMonitor(),
    jitteredSleep,
    onWake: createOnWake(),
    scripts: remoteScripts,
    fingerprint: fingerprintOf,
    clock: createClock(),
    log,
  }
  let watching: Watcher | undefined
  let stopWatching = async () => {}
  const countSlots = createSlotCounter(ports.slots, store)
  const beginReading = createReadings()
  const refresh = coalesce(async () => {
    const claim = beginReading()
    const [seen] = await Promise.all([readSystem(ports), countSlots()])
    store.update((now) => applyReading(now, seen, claim))
  })
  const jobs = createJobs(store, ports.clock, ports.records, log)
  return {
    handlers: logRefusals(
      createHandlers({
        ports,
        store,
        jobs,
        refresh,
        beginReading,
        copyText,
        afterJob: endsWithJob ? async () => undefined : refresh,
      }),
      log,
    ),
    store,
    ready: Promise.all([
      endDuePauses(ports).then(refresh, refresh),
      jobs.recall().catch(logged(log, 'receipts-not-read')),
      ...(endsWithJob ? [hearOnce(ports, store)] : []),
    ]).then(() => undefined),
    watch: () => {
      const stopSystem = watchSystem(() => {
        void refresh()
        void syncUserSubstituters(ports).catch(logged(log, 'substituters-not-synced'))
      }, [userConfFolder(), join(dir, 'switches')])
      const policy = createWatchPolicy(store, refresh)
      watching = createWatcher({ ports, store, countSlots, policy })
      const stopTelling = tellHealth(ports, store)
      const stopReading = new AbortController()
      void readAgain(refresh, stopReading.signal)
      stopWatching = async () => {
        stopSystem()
        stopReading.abort()
        const kept = watching?.close()
        const reinstated = reinstateAll(ports).catch(logged(log, 'builders-not-reinstated'))
        await Promise.race([Promise.all([kept, reinstated, stopTelling()]), setTimeout(goodbyeMs)])
      }
    },
    follow: (id) => {
      const stopSystem = watchSystem(() => void refresh(), [userConfFolder(), join(dir, 'switches')])
      const following = createWatcher({ ports, store, countSlots, ...(id === undefined ? {} : { only: id }) })
      return {
        probed: following.probed(),
        stop: () => {
          stopSystem()
          void following.close()
        },
      }
    },
    wake: () => watching?.wake(),
    close: async () => {
      await jobs.close()
      await stopWatching()
      await ports.series.flush()
    },
  }
}
