import { createHash } from 'node:crypto'
import { fingerprint } from '../../core/ssh/public-key'
import type { Ports } from '../../main/ports/ports'
import { type Calls, createCalls } from './calls'
import { keptLog } from './kept-log'
import { createKeyMaker, readsAsPrivateKey } from './keys'
import { type Machine, pictureOfMachine } from './machine'
import {
  createAutostart,
  createKeychain,
  createOwnData,
  createPreferences,
  createRecords,
  type OwnData,
  pictureOfData,
} from './own-data'
import { createLocal, createOwnNix, createSlots, createUserConf, type OwnNix } from './own-nix'
import { createPerson, type Person } from './person'
import { scriptTexts } from './remote-scripts'
import { createHelper, createRoot, pictureOfRoot, type Root } from './root'
import { createSsh } from './ssh'
import { type VirtualTime, virtualTime } from './virtual-time'
import { createCollect, createMonitor, type FakeMonitor } from './watching'

/** A computer, a person at it, and machines on its network, all in memory; every port leads here. */
export interface World {
  readonly ports: Ports & { readonly monitor: FakeMonitor }
  readonly calls: Calls
  readonly person: Person
  readonly time: VirtualTime
  readonly root: Root
  readonly data: OwnData
  readonly nix: OwnNix
  readonly machines: ReadonlyMap<string, Machine>
  /** What the app has written into its log. */
  readonly log: readonly string[]
  /** Sessions and connections that somebody still holds. */
  openSessions(): number
  /** Both sides as plain data: alike before and after means that nothing is left. */
  picture(): Picture
}

export type Picture = ReturnType<typeof pictureOf>

/** A computer with Nix, its helper and a keychain, on a network with these machines. */
export function createWorld(...machines: readonly Machine[]): World {
  const calls = createCalls()
  const person = createPerson(calls)
  const time = virtualTime()
  const network = new Map(machines.map((machine) => [machine.name, machine]))
  const [root, data, nix] = [createRoot(), createOwnData(), createOwnNix()]
  const makeKey = createKeyMaker()
  const log = keptLog()
  const { mayChange, mayCollect } = person
  const ssh = createSsh(calls, network, mayChange)
  const monitor = createMonitor(calls, network, time)
  return {
    ports: {
      ssh,
      monitor,
      helper: createHelper({ calls, root, network, time, makeKey, mayChange }),
      keychain: createKeychain(calls, data),
      makeKeyPair: async () => makeKey(),
      records: createRecords(calls, data),
      local: createLocal(calls, nix, root),
      userConf: createUserConf(calls, nix, root),
      slots: createSlots(calls, nix),
      builds: { observe: async () => ({ feed: 'none', running: [], ended: [] }), close: () => {} },
      finishedBuilds: { read: async () => [], write: async () => {} },
      series: {
        add: () => {},
        trend: () => [],
        read: async (_, span) => ({ span, stepMs: 10_000, points: [] }),
        keepOnly: async () => {},
        flush: async () => {},
      },
      told: { read: async () => ({}), write: async () => {}, clear: async () => {} },
      collect: createCollect(calls, network, mayCollect),
      preferences: createPreferences(calls, data),
      autostart: createAutostart(calls, data),
      jitteredSleep: time.jitteredSleep,
      onWake: () => () => {},
      scripts: scriptTexts,
      fingerprint: (key) => fingerprint(key, (bytes) => createHash('sha256').update(bytes).digest()),
      clock: time.clock,
      readsAsPrivateKey,
      log,
    },
    calls,
    person,
    time,
    root,
    data,
    nix,
    machines: network,
    log: log.lines,
    openSessions: () => ssh.openSessions() + monitor.held().length,
    picture: () => pictureOf(root, data, nix, network),
  }
}

function pictureOf(root: Root, data: OwnData, nix: OwnNix, machines: World['machines']) {
  return {
    computer: { root: pictureOfRoot(root), data: pictureOfData(data), settings: nix.settings },
    machines: Object.fromEntries([...machines].map(([name, machine]) => [name, pictureOfMachine(machine)])),
  }
}
