import { expect } from 'vitest'
import type { Reply } from '../../../contract/failure'
import type { JobView } from '../../../contract/job'
import { substituterUri } from '../../../core/nix/substituter'
import {
  endDuePauses,
  reinstate,
  reinstateAll,
  suspendBuilder,
} from '../../../main/usecases/watching/suspend-builder'
import { hostKey } from '../../fakes/keys'
import { debianServer, letsIn, linesOf, unprivilegedServer } from '../../fakes/machine'
import type { World } from '../../fakes/world'
import { add, emptyStage, requireDone, type Stage, stageWith } from './stage'

/** One thing a person does, or the app by itself, with what it finds and what stands when it went well. */
export interface FlowCase {
  readonly name: string
  readonly before: () => Stage | Promise<Stage>
  readonly act: (stage: Stage) => Promise<JobView | undefined>
  /** What stands whenever it ends well. */
  readonly holds: (world: World) => void
  /** What stands besides, when nothing went wrong on the way. */
  readonly ideally?: (world: World) => void
}

const run = (command: (stage: Stage) => Promise<Reply<{ readonly jobId?: string }>>) => (stage: Stage) =>
  stage.app.run(command(stage))

/** For what is no job: it settles when it is done. */
const direct = (act: (stage: Stage) => Promise<unknown>) => async (stage: Stage) => {
  await act(stage)
  return undefined
}

const legacyLine = {
  ...{ key: 'a'.repeat(64), file: '/etc/nix/machines', line: 2 },
  machine: {
    ...{ uri: 'ssh-ng://nix@legacy', systems: ['x86_64-linux'], maxJobs: 4, speedFactor: 1 },
    ...{ supportedFeatures: [], mandatoryFeatures: [] },
  },
}

const builder = ({ root }: World, id = 'anna') => root.state?.builders.find((one) => one.id === id)
const lost = { code: 'UNREACHABLE', facts: {} } as const
const hour = 3_600_000

function isAdded(world: World, user: string, id = 'anna') {
  const machine = world.machines.get(id)
  const key = world.root.keys.get(id)
  expect(builder(world, id)).toMatchObject({ enabled: true, user })
  expect(machine && key && letsIn(machine, user, key.publicKey, 'build')).toBe(true)
  expect(machine?.trustInForce).toContain(user)
  expect(world.data.builders.get(id)?.proof?.builtOn).toBe(id)
}

function isNowhere({ root, data, machines }: World, id = 'anna') {
  expect(root.state?.builders.map((one) => one.id) ?? []).not.toContain(id)
  expect(root.keys.has(id)).toBe(false)
  expect(data.builders.has(id)).toBe(false)
  const files = [...machines.values()].flatMap((machine) => [...machine.files])
  expect(files.filter(([path, text]) => /millwright/.test(path + text))).toEqual([])
}

const withSubstituter = async (scope: 'me' | 'everyone') => {
  const stage = await stageWith()
  requireDone(await run(({ app }) => app.handlers['use-substituter']({ id: 'anna', scope, on: true }))(stage))
  return stage
}
const paused = async (forMs?: number) => {
  const stage = await stageWith()
  const input = forMs === undefined ? { id: 'anna' } : { id: 'anna', forMs }
  requireDone(await run(({ app }) => app.handlers['pause-builder'](input))(stage))
  return stage
}
const suspended = async () => {
  const stage = await stageWith()
  await suspendBuilder(stage.world.ports, 'anna', lost)
  return stage
}
const remove = (id: string, localOnly = false) =>
  run(({ app }) => app.handlers['remove-builder']({ id, localOnly }))
const gateAndAnna = () => [debianServer('gate'), debianServer('anna', { behind: 'gate' })] as const

/** Its keys are those that root and the app hold now, and no others of ours are let in. */
function hasOnlyNewKeys(world: World, before: { readonly keys: readonly string[] }, user = 'nixremote') {
  const { root, data, machines } = world
  const machine = machines.get('anna')
  const record = data.builders.get('anna')
  const { build, monitor, collect } = {
    build: root.keys.get('anna')?.publicKey ?? '',
    monitor: record?.provision.monitor_key ?? '',
    collect: record?.provision.collect_key ?? '',
  }
  expect(builder(world)).toMatchObject({ buildKey: build })
  expect(builder(world)).not.toHaveProperty('nextBuildKey')
  expect(root.newKeys.size).toBe(0)
  const home = machine?.accounts.get(user)?.home
  const lines = machine ? linesOf(machine, `${home}/.ssh/authorized_keys`) : []
  expect(lines.map(keyIn).sort()).toEqual([build, monitor, collect].filter(Boolean).sort())
  expect(before.keys).not.toContain(build)
  for (const file of record?.remoteFiles ?? [])
    for (const key of before.keys.filter((one) => !lines.some((line) => line.includes(one))))
      expect(file.content ?? '').not.toContain(key)
  for (const [, { host, files }] of machines)
    if (host === 'gate.lan') {
      const through = [...files.values()]
        .join('')
        .split('\n')
        .filter((line) => line.includes('permitopen'))
      expect(through.map(keyIn)).toEqual([build])
    }
}
const keyIn = (line: string) => /ssh-ed25519 \S+/.exec(line)?.[0]

/** Notes the keys that are in force before; a key that was is never so again. */
const renewing = (start: () => Promise<Stage>, user?: string): Omit<FlowCase, 'name'> => {
  const before = { keys: [] as string[] }
  return {
    before: async () => {
      const stage = await start()
      const { root, data } = stage.world
      const { monitor_key: monitor = '' } = data.builders.get('anna')?.provision ?? {}
      before.keys = [root.keys.get('anna')?.publicKey ?? '', ...(user === 'gate' ? [] : [monitor])]
      return stage
    },
    act: run(({ app }) => app.handlers['rotate-key']({ id: 'anna' })),
    holds: (world) => hasOnlyNewKeys(world, before, user === 'gate' ? undefined : user),
  }
}

const rotations: readonly FlowCase[] = [
  {
    name: 'renewing the keys',
    ...renewing(() => stageWith()),
    ideally: ({ data }) => expect([...data.secrets.keys()]).toContain('monitor-key:anna'),
  },
  {
    name: 'renewing the keys of one that is nobody special’s',
    ...renewing(() => stageWith(unprivilegedServer('anna')), 'admin'),
  },
  {
    name: 'renewing the keys of one behind another machine',
    ...renewing(() => stageWith(...gateAndAnna()), 'gate'),
  },
  {
    name: 'renewing the keys again',
    ...renewing(async () => {
      const stage = await stageWith(debianServer('anna'), debianServer('otto'))
      requireDone(await run(({ app }) => app.handlers['rotate-key']({ id: 'anna' }))(stage))
      return stage
    }),
  },
]

export const flows: readonly FlowCase[] = [
  {
    name: 'adding a machine where root can be had',
    before: () => emptyStage(debianServer('anna')),
    act: (stage) => add(stage, 'admin@anna.lan'),
    holds: (world) => isAdded(world, 'nixremote'),
  },
  {
    name: 'adding a machine where the person is nobody special',
    before: () => emptyStage(unprivilegedServer('anna')),
    act: (stage) => add(stage, 'admin@anna.lan'),
    holds: (world) => isAdded(world, 'admin'),
  },
  {
    name: 'adding a machine behind another',
    before: () => emptyStage(...gateAndAnna()),
    act: (stage) => add(stage, 'admin@anna.lan'),
    holds: (world) => isAdded(world, 'nixremote'),
  },
  {
    name: 'adding a machine without a keychain',
    before: () => {
      const stage = emptyStage(debianServer('anna'))
      stage.world.data.keychain = 'none'
      return stage
    },
    act: (stage) => add(stage, 'admin@anna.lan'),
    holds: (world) => isAdded(world, 'nixremote'),
    ideally: ({ data }) => expect(data).toMatchObject({ keychain: 'file', secrets: { size: 4 } }),
  },
  {
    name: 'adding a second machine',
    before: () => twoMachines(),
    act: (stage) => add(stage, 'admin@otto.lan'),
    holds: (world) => isAdded(world, 'nixremote', 'otto'),
  },
  {
    name: 'testing',
    before: () => stageWith(),
    act: run(({ app }) => app.handlers['test-builder']({ id: 'anna' })),
    holds: ({ data }) => expect(data.builders.get('anna')?.proof).toBeDefined(),
  },
  {
    name: 'pausing',
    before: () => stageWith(),
    act: run(({ app }) => app.handlers['pause-builder']({ id: 'anna' })),
    holds: (world) => {
      expect(builder(world)?.enabled).toBe(false)
      expect(world.data.notes.get('anna')).toEqual({ id: 'anna', kind: 'paused' })
    },
  },
  {
    name: 'pausing for an hour',
    before: () => withSubstituter('me'),
    act: run(({ app }) => app.handlers['pause-builder']({ id: 'anna', forMs: hour })),
    holds: (world) => {
      expect(builder(world)?.enabled).toBe(false)
      expect(world.data.notes.get('anna')).toMatchObject({ kind: 'paused', pause: { forMs: hour } })
    },
    ideally: ({ nix }) => expect(nix.settings.substituters).toEqual([]),
  },
  {
    name: 'resuming',
    before: () => paused(),
    act: run(({ app }) => app.handlers['resume-builder']({ id: 'anna' })),
    holds: (world) => {
      expect(builder(world)?.enabled).toBe(true)
      expect(world.data.notes.size).toBe(0)
    },
  },
  {
    name: 'resuming one that was suspended',
    before: suspended,
    act: run(({ app }) => app.handlers['resume-builder']({ id: 'anna' })),
    holds: (world) => {
      expect(builder(world)?.enabled).toBe(true)
      expect(world.data.notes.get('anna')).toEqual({ id: 'anna', kind: 'insisted', failure: lost })
    },
  },
  {
    name: 'removing',
    before: () => stageWith(),
    act: remove('anna'),
    holds: isEmptyAgain,
  },
  {
    name: 'removing one that is nobody special’s',
    before: () => stageWith(unprivilegedServer('anna')),
    act: remove('anna'),
    holds: isEmptyAgain,
  },
  {
    name: 'removing one behind another machine',
    before: () => stageWith(...gateAndAnna()),
    act: remove('anna'),
    holds: isEmptyAgain,
  },
  {
    name: 'removing one that is suspended',
    before: suspended,
    act: remove('anna'),
    holds: isEmptyAgain,
  },
  {
    name: 'removing one of two that is a substituter, in remote-only mode',
    before: async () => {
      const stage = await stageWith(debianServer('anna'), debianServer('otto'))
      const { handlers } = stage.app
      requireDone(await run(() => handlers['use-substituter']({ id: 'anna', scope: 'me', on: true }))(stage))
      await run(() => handlers['set-mode']({ mode: 'remote-only', scope: 'me', on: true }))(stage)
      return stage
    },
    act: remove('anna'),
    holds: (world) => {
      isNowhereBut(world, 'otto')
      expect(world.nix.settings).toMatchObject({ remoteOnly: true, substituters: [] })
      expect(world.data.secrets.size).toBe(4)
    },
  },
  {
    name: 'removing the last one in remote-only mode',
    before: async () => {
      const stage = await stageWith()
      const { handlers } = stage.app
      await run(() => handlers['set-mode']({ mode: 'remote-only', scope: 'me', on: true }))(stage)
      return stage
    },
    act: remove('anna'),
    holds: isEmptyAgain,
    ideally: ({ nix }) => expect(nix.settings.remoteOnly).toBe(false),
  },
  {
    name: 'removing one of which no note is left',
    before: async () => {
      const stage = await stageWith()
      stage.world.data.builders.clear()
      return stage
    },
    act: remove('anna'),
    holds: isEmptyAgain,
  },
  {
    name: 'removing one of which no note is left, by somebody who may not clean up there',
    before: async () => {
      const stage = await stageWith()
      stage.world.data.builders.clear()
      const anna = stage.world.machines.get('anna')
      const admin = anna?.accounts.get('admin')
      if (admin) anna?.accounts.set('admin', { ...admin, sudo: 'none' })
      return stage
    },
    act: remove('anna'),
    holds: ({ root, data }) => {
      expect(root.state).toBeUndefined()
      expect([...data.builders.values()].every(({ leftBehind }) => leftBehind)).toBe(true)
    },
    ideally: ({ data }) => expect(data.builders.get('anna')?.leftBehind).toHaveLength(2),
  },
  {
    name: 'removing here alone',
    before: () => stageWith(),
    act: remove('anna', true),
    holds: ({ root, data }) => {
      expect(root.state).toBeUndefined()
      // Done here alone once more, it is forgotten.
      expect([...data.builders.values()].every(({ leftBehind }) => leftBehind)).toBe(true)
    },
    // By this note a later removal cleans up over there.
    ideally: ({ data }) => expect(data.builders.get('anna')?.leftBehind).toHaveLength(2),
  },
  ...(['me', 'everyone'] as const).map((scope) => ({
    name: `offering a builder as substituter for ${scope}`,
    before: () => stageWith(),
    act: run(({ app }: Stage) => app.handlers['use-substituter']({ id: 'anna', scope, on: true })),
    holds: (world: World) => {
      expect(builder(world)?.substituter?.everyone).toBe(scope === 'everyone')
      expect(world.machines.get('anna')?.signs).toBe(true)
      expect(world.data.builders.get('anna')?.signing).toBeUndefined()
      expect(world.nix.settings.substituters).toEqual(scope === 'me' ? [substituterUri('anna')] : [])
    },
  })),
  {
    name: 'offering a builder while it and this computer build',
    before: async () => {
      const stage = await stageWith()
      const { root, machines } = stage.world
      root.runningBuilds = 1
      const anna = machines.get('anna')
      if (anna) anna.runningBuilds = 1
      return stage
    },
    act: run(({ app }) => app.handlers['use-substituter']({ id: 'anna', scope: 'me', on: true })),
    holds: (world) => expect(builder(world)?.substituter).toBeDefined(),
    ideally: ({ person }) =>
      expect(person.asked.filter(({ kind }) => kind === 'restart-daemon')).toHaveLength(2),
  },
  {
    name: 'letting everyone use a substituter that is offered',
    before: () => withSubstituter('me'),
    act: run(({ app }) => app.handlers['use-substituter']({ id: 'anna', scope: 'everyone', on: true })),
    holds: (world) => expect(builder(world)?.substituter?.everyone).toBe(true),
  },
  {
    name: 'using an offered substituter no longer',
    before: () => withSubstituter('me'),
    act: run(({ app }) => app.handlers['use-substituter']({ id: 'anna', scope: 'me', on: false })),
    holds: ({ data, nix }) => {
      expect(data.substituters).toEqual([])
      expect(nix.settings.substituters).toEqual([])
    },
  },
  {
    name: 'withdrawing a substituter',
    before: () => withSubstituter('me'),
    act: run(({ app }) => app.handlers['withdraw-substituter']({ id: 'anna' })),
    holds: (world) => {
      expect(builder(world)?.substituter).toBeUndefined()
      expect(world.machines.get('anna')?.files.has('/var/lib/millwright/signing-key')).toBe(false)
      expect(world.data.substituters).toEqual([])
    },
  },
  ...(['remote-only', 'local-only'] as const).map((mode) => ({
    name: `switching ${mode} on for me`,
    before: () => stageWith(),
    act: run(({ app }: Stage) => app.handlers['set-mode']({ mode, scope: 'me', on: true })),
    holds: ({ nix }: World) => {
      const { remoteOnly, localOnly } = nix.settings
      expect({ remoteOnly, localOnly }).toEqual({
        remoteOnly: mode === 'remote-only',
        localOnly: mode === 'local-only',
      })
    },
  })),
  {
    name: 'switching remote-only on for everyone, in local-only mode',
    before: async () => {
      const stage = await stageWith()
      const { handlers } = stage.app
      await run(() => handlers['set-mode']({ mode: 'local-only', scope: 'me', on: true }))(stage)
      return stage
    },
    act: run(({ app }) => app.handlers['set-mode']({ mode: 'remote-only', scope: 'everyone', on: true })),
    holds: ({ root, nix }) => {
      expect(root.state?.remoteOnly).toBe(true)
      expect(nix.settings.localOnly).toBe(false)
    },
  },
  {
    name: 'switching remote-only off for everyone',
    before: async () => {
      const stage = await stageWith()
      const { handlers } = stage.app
      const input = { mode: 'remote-only', scope: 'everyone', on: true } as const
      requireDone(await run(() => handlers['set-mode'](input))(stage))
      return stage
    },
    act: run(({ app }) => app.handlers['set-mode']({ mode: 'remote-only', scope: 'everyone', on: false })),
    holds: ({ root }) => expect(root.state?.remoteOnly).toBe(false),
  },
  {
    name: 'sharing a connection',
    before: () => stageWith(),
    act: run(({ app }) => app.handlers['share-connection']({ id: 'anna', on: true })),
    holds: (world) => expect(builder(world)?.sharing).toBe('on'),
  },
  {
    name: 'sharing a connection no longer',
    before: async () => {
      const stage = await stageWith()
      requireDone(await run(({ app }) => app.handlers['share-connection']({ id: 'anna', on: true }))(stage))
      return stage
    },
    act: run(({ app }) => app.handlers['share-connection']({ id: 'anna', on: false })),
    holds: (world) => expect(builder(world)?.sharing).toBeUndefined(),
  },
  ...rotations,
  {
    name: 'freeing space',
    before: () => stageWith(),
    act: run(({ app }) => app.handlers['collect-garbage']({ id: 'anna' })),
    holds: ({ machines }) => expect(machines.get('anna')?.garbage.paths).toBe(0),
  },
  {
    name: 'going back to before a pause',
    before: () => paused(),
    act: run(({ app }) => app.handlers['roll-back']({})),
    holds: (world) => expect(builder(world)?.enabled).toBe(true),
    ideally: ({ data }) => expect(data.notes.size).toBe(0),
  },
  {
    name: 'accepting a host key that has changed',
    before: async () => {
      const stage = await stageWith()
      const { machines, ports } = stage.world
      const anna = machines.get('anna')
      if (anna) anna.hostKeys = [hostKey(99)]
      await ports.helper.call({ op: 'ping', id: 'anna' }).catch(() => undefined)
      return stage
    },
    act: run(({ app }) => app.handlers['accept-host-key']({ id: 'anna' })),
    holds: (world) => {
      expect(builder(world)).toMatchObject({ enabled: true, quarantined: false, hostKeys: [hostKey(99)] })
    },
  },
  {
    name: 'taking over a builder of others',
    before: () => {
      const stage = emptyStage(debianServer('legacy', { trustInForce: ['root', 'nix'] }))
      stage.world.root.others = [legacyLine]
      return stage
    },
    act: run(async ({ app }) => {
      await app.refresh()
      return app.handlers['adopt-builder']({ line: legacyLine.key })
    }),
    holds: ({ root }) => {
      expect(root.state?.builders).toMatchObject([
        { id: 'legacy', enabled: true, adoptedFrom: legacyLine.file },
      ])
      expect(root.others).toEqual([])
    },
    ideally: ({ data }) => expect(data.builders.get('legacy')?.proof?.builtOn).toBe('legacy'),
  },
  {
    name: 'taking everything back from this computer',
    before: () => withSubstituter('me'),
    act: run(({ app }) => app.handlers.uninstall({})),
    holds: ({ root, data, nix }) => {
      expect(root.state).toBeUndefined()
      expect(data).toMatchObject({ builders: { size: 0 }, secrets: { size: 0 }, substituters: [] })
      expect(nix.settings.substituters).toEqual([])
    },
  },
  {
    name: 'installing the helper',
    before: () => stageWith(),
    act: run(({ app }) => app.handlers['install-helper']({})),
    holds: ({ root }) => expect(root.state?.builders).toHaveLength(1),
  },
  {
    name: 'switching remote-only off wherever it is on',
    before: async () => {
      const stage = await stageWith()
      const { handlers } = stage.app
      const on = { mode: 'remote-only', on: true } as const
      await run(() => handlers['set-mode']({ ...on, scope: 'me' }))(stage)
      requireDone(await run(() => handlers['set-mode']({ ...on, scope: 'everyone' }))(stage))
      return stage
    },
    act: run(({ app }) => app.handlers['set-mode']({ mode: 'remote-only', scope: 'wherever', on: false })),
    holds: ({ root, nix }) => {
      expect(root.state?.remoteOnly).toBe(false)
      expect(nix.settings.remoteOnly).toBe(false)
    },
  },
  {
    name: 'suspending a builder that is gone',
    before: () => withSubstituter('me'),
    act: direct(({ world }) => suspendBuilder(world.ports, 'anna', lost)),
    holds: (world) => {
      expect(builder(world)?.enabled).toBe(false)
      expect(world.data.notes.get('anna')).toMatchObject({ kind: 'suspended', failure: lost })
    },
    ideally: ({ nix }) => expect(nix.settings.substituters).toEqual([]),
  },
  {
    name: 'reinstating it',
    before: suspended,
    act: direct(async ({ world }) => {
      const note = world.data.notes.get('anna')
      if (note) await reinstate(world.ports, note)
    }),
    holds: isOnWithoutNote,
  },
  {
    name: 'reinstating all when the app ends',
    before: suspended,
    act: direct(({ world }) => reinstateAll(world.ports)),
    holds: isOnWithoutNote,
  },
  {
    name: 'ending a pause that is due',
    before: async () => {
      const stage = await paused(hour)
      await stage.world.time.pass(hour)
      return stage
    },
    act: direct(({ world }) => endDuePauses(world.ports)),
    holds: isOnWithoutNote,
  },
]

async function twoMachines(): Promise<Stage> {
  const stage = emptyStage(debianServer('anna'), debianServer('otto'))
  requireDone(await add(stage, 'admin@anna.lan'))
  await stage.app.refresh()
  return stage
}

function isEmptyAgain(world: World): void {
  isNowhere(world)
  expect(world.root.state).toBeUndefined()
  expect(world.data.secrets.size).toBe(0)
}

function isNowhereBut({ root, data, machines }: World, left: string): void {
  expect(root.state?.builders.map(({ id }) => id)).toEqual([left])
  expect([...data.builders.keys()]).toEqual([left])
  expect([...(machines.get('anna')?.files.keys() ?? [])]).toEqual(['/etc/nix/nix.conf'])
}

function isOnWithoutNote(world: World): void {
  expect(builder(world)?.enabled).toBe(true)
  expect(world.data.notes.size).toBe(0)
}
