import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Handlers } from '../contract/commands'
import { coalesce } from '../core/sync/coalesce'
import { shareStructure } from '../core/sync/structural-sharing'
import { createBuilds } from './adapters/builds/builds'
import { createFinishedBuilds } from './adapters/builds/finished-builds'
import { findLogPath } from './adapters/builds/log-path'
import { createSlots } from './adapters/builds/slots'
import { createKeychain } from './adapters/data/keychain'
import { createPreferences } from './adapters/data/preferences'
import { createRecords } from './adapters/data/records'
import { createSeries } from './adapters/data/series'
import { createHelper } from './adapters/helper/helper'
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
import { createHandlers } from './commands'
import { logged } from './failures'
import { initialState } from './initial-state'
import { createJobs } from './jobs/jobs'
import { logRefusals } from './log-refusals'
import type { Log } from './ports/log'
import type { Ports } from './ports/ports'
import { probeContinuously, probeOnce } from './probe-continuously'
import { createStore, type Store } from './store'
import { readSystem } from './usecases/status/read-system'
import { syncUserSubstituters } from './usecases/steps/user-substituters'
import { endDuePauses, reinstateAll } from './usecases/watching/suspend-builder'
import { createWatcher, type Watcher } from './watcher'

export interface ComposeOptions {
  readonly appVersion: string
  readonly copyText: (text: string) => void
  /** A terminal is there for sudo to ask in. */
  readonly interactiveSudo?: boolean
  /** The process ends with its one job: nobody will want to know how the system looks after it. */
  readonly endsWithJob?: boolean
  /** What can be started at login, and how. */
  readonly autostart?: AutostartMeans
  readonly log: Log
  /** Where what is known is kept, for who shows it before all of this is loaded. */
  readonly store?: Store
}

/** The product: what the tray, the window and the terminal stand on. */
export interface App {
  readonly handlers: Handlers
  readonly store: Store
  /** Settles after the first look at the system. */
  readonly ready: Promise<void>
  /** Keeps an eye on what others change; for an app that stays. */
  watch(): void
  /** Sees once how builders (or that one) do and what is built, and changes nothing; for a terminal. */
  lookOnce(id?: string): Promise<void>
  /** The same without end. Returns how to stop. */
  keepLooking(id?: string): () => void
  /** Looks at every builder now: this computer has woken up. */
  wake(): void
  /** Ends what runs, undoing what is half done. */
  close(): Promise<void>
}

/** Nobody who quits waits longer than this for builders that are reinstated. */
const goodbyeMs = 5_000

/** The one place where ports meet their adapters. */
export function compose({
  appVersion,
  copyText,
  interactiveSudo = false,
  endsWithJob = false,
  autostart = {},
  log,
  store = createStore(initialState(appVersion)),
}: ComposeOptions): App {
  const dir = dataFolder()
  const local = createLocal()
  const ports: Ports = {
    ssh: createSsh({ knownHostsFile: join(dir, 'known_hosts') }),
    helper: createHelper({ interactiveSudo }),
    keychain: createKeychain({ service: 'millwright', filePath: join(dir, 'secrets.json') }),
    makeKeyPair: () => makeKeyPair(),
    readsAsPrivateKey,
    records: createRecords({ dir }),
    local,
    userConf: createUserConf({ folder: userConfFolder(), readSettings: local.settings }),
    slots: createSlots(),
    builds: createBuilds({ findNix, findLog: () => findLogPath(findNix()) }),
    finishedBuilds: createFinishedBuilds({ dir, log }),
    series: createSeries({ dir: join(dir, 'series'), log }),
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
  const refresh = coalesce(async () => {
    const seen = await readSystem(ports)
    // Read anew, most of it is as it was: what is equal stays the same object, and is neither sent nor drawn again.
    store.update((state) => {
      const { appVersion, platform, tray, jobs, health, builds } = state
      return shareStructure(state, { appVersion, platform, tray, jobs, health, builds, ...seen })
    })
  })
  const jobs = createJobs(store, ports.clock, ports.records, log)
  return {
    handlers: logRefusals(
      createHandlers({
        ports,
        store,
        jobs,
        refresh,
        copyText,
        afterJob: endsWithJob ? async () => undefined : refresh,
      }),
      log,
    ),
    store,
    ready: Promise.all([
      endDuePauses(ports).then(refresh, refresh),
      jobs.recall().catch(logged(log, 'receipts-not-read')),
    ]).then(() => undefined),
    watch: () => {
      const stopSystem = watchSystem(() => {
        void refresh()
        void syncUserSubstituters(ports).catch(logged(log, 'substituters-not-synced'))
      }, [userConfFolder(), join(dir, 'switches')])
      watching = createWatcher(ports, store, refresh)
      stopWatching = async () => {
        stopSystem()
        watching?.close()
        const reinstated = reinstateAll(ports).catch(logged(log, 'builders-not-reinstated'))
        await Promise.race([reinstated, setTimeout(goodbyeMs)])
      }
    },
    lookOnce: (id) => probeOnce(ports, store, id),
    keepLooking: (id) => {
      const stopSystem = watchSystem(() => void refresh(), [userConfFolder(), join(dir, 'switches')])
      const stopLooking = probeContinuously(ports, store, id)
      return () => {
        stopSystem()
        stopLooking()
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
