import { isDeepStrictEqual } from 'node:util'
import type { DaemonView, InTheWay, OtherLine } from '../../contract/daemon'
import type { HelperReason, HelperRequest, HelperResult, HelperStatus } from '../../contract/helper'
import { failureOfHelper } from '../../core/failures/from-outside'
import { renderMachines } from '../../core/nix/machines'
import { hostOf } from '../../core/nix/same-machine'
import { isServing } from '../../core/nix/substituter'
import { otherEntryOf } from '../../core/ssh/same-machine'
import {
  changeBuilder,
  changeNewKey,
  changeSharing,
  changeSubstituter,
  type DesiredState,
  desiredStateOf,
  dropUnprovenSharing,
  emptyState,
  type State,
} from '../../helper/state/state'
import { FailureError } from '../../main/failures'
import type { HelperPort } from '../../main/ports/helper'
import type { KeyPair } from '../../main/ports/keychain'
import type { Calls } from './calls'
import type { Machine } from './machine'
import { logIn, machineAt, type Network } from './network'
import type { VirtualTime } from './virtual-time'

/** Root's side of this computer. */
export interface Root {
  /** Undefined: nothing is set up. */
  state: State | undefined
  generations: State[]
  readonly keys: Map<string, KeyPair>
  /** Those that are to take the place of one in force. */
  readonly newKeys: Map<string, KeyPair>
  runningBuilds: number
  way: 'pkexec' | 'sudo' | 'root' | 'none'
  daemonRestarts: number
  /** Why the daemon goes by none of what is set up; undefined: it does. */
  inTheWay: InTheWay | undefined
  /** Lines of others that offer a machine of ours. */
  alsoOffered: DaemonView['alsoOffered']
  /** Lines of others. */
  others: NonNullable<DaemonView['others']>
  /** Those that are ours now, by the name of the builder. */
  readonly adopted: Map<string, OtherLine>
}

export function createRoot(): Root {
  return {
    state: undefined,
    generations: [],
    keys: new Map(),
    newKeys: new Map(),
    runningBuilds: 0,
    way: 'pkexec',
    daemonRestarts: 0,
    inTheWay: undefined,
    alsoOffered: [],
    others: [],
    adopted: new Map(),
  }
}

interface Needs {
  readonly calls: Calls
  readonly root: Root
  readonly network: Network
  readonly time: VirtualTime
  readonly makeKey: () => KeyPair
  readonly mayChange: (host: string) => boolean
}

type Result = Partial<Omit<HelperResult, 'type' | 'code' | 'reason'>>

/** The installed helper, with the rules of its operations and root's files as plain data. */
export function createHelper(needs: Needs): HelperPort {
  const { calls, root, network, time } = needs
  const refuse = (request: HelperRequest, reason: HelperReason, facts?: Record<string, string>): never => {
    const code = reason === 'grammar' ? 'INVALID' : 'NEEDS_ATTENTION'
    const said = facts ? { said: { line: reason, facts } } : {}
    throw new FailureError(failureOfHelper(request, { type: 'result', code, reason, ...said }))
  }
  const requireState = (request: HelperRequest) => root.state ?? refuse(request, 'not-set-up')
  const requireBuilder = (request: HelperRequest & { readonly id: string }) =>
    requireState(request).builders.find(({ id }) => id === request.id) ?? refuse(request, 'no-such-builder')
  const restart = () => void root.daemonRestarts++
  const requireIdle = (request: HelperRequest, policy: 'when-idle' | 'always') => {
    if (policy === 'when-idle' && root.runningBuilds > 0) refuse(request, 'builds-running')
  }

  const apply = (operation: string, current: State, wish: DesiredState): Result => {
    const wanted = dropUnprovenSharing(current, wish)
    if (isDeepStrictEqual(desiredStateOf(current), wanted)) return { generation: current.generation }
    const generation = Math.max(0, ...root.generations.map((one) => one.generation)) + 1
    root.state = { version: 1, generation, at: time.clock.now().toISOString(), operation, ...wanted }
    root.generations = [...root.generations, root.state].slice(-10)
    return { generation }
  }
  const giveBack = (id: string) => {
    const line = root.adopted.get(id)
    if (line) root.others = [...root.others, line]
    root.adopted.delete(id)
  }
  const tearDown = () => {
    for (const id of [...root.adopted.keys()]) giveBack(id)
    if (root.state?.builders.some(isServing)) restart()
    root.state = undefined
    root.generations = []
    root.keys.clear()
    root.newKeys.clear()
  }
  const ensureKey = (id: string) => {
    const key = root.keys.get(id) ?? needs.makeKey()
    root.keys.set(id, key)
    return key.publicKey
  }
  /** The daemon's own login as root; a changed host key puts the builder into quarantine. */
  const reach = (request: HelperRequest & { readonly id: string }, keys = root.keys) => {
    const builder = requireBuilder(request)
    if (builder.quarantined) refuse(request, 'quarantined')
    const key =
      keys.get(builder.id) ?? calls.misuse(`root's key to ${builder.id} is used after it was deleted`)
    try {
      // The key of an adopted one was let in by whoever wrote its line.
      const isTheirs = builder.adoptedFrom !== undefined
      const machine = isTheirs
        ? machineAt(network, builder.host)
        : logIn(network, builder, key.publicKey, 'build')
      if (!machine.trustInForce.includes(builder.user)) refuse(request, 'not-trusted')
      return machine
    } catch (error) {
      if (error instanceof FailureError && error.failure.code === 'HOST_KEY_CHANGED') {
        const current = requireState(request)
        const change = { enabled: false, quarantined: true }
        apply('quarantine', current, changeBuilder(desiredStateOf(current), builder.id, change))
      }
      throw error
    }
  }

  const proofOf = (machine: Machine) => ({
    ...{ drvPath: '/nix/store/p.drv', outPath: '/nix/store/p', builtOn: machine.name },
    ...{ durationMs: 900, at: time.clock.now().toISOString() },
  })
  const noteKeys = (request: HelperRequest & { readonly id: string }, next: string | undefined) => {
    const state = requireState(request)
    return apply(
      request.op,
      state,
      changeNewKey(desiredStateOf(state), request.id, ensureKey(request.id), next),
    )
  }

  const perform = (request: HelperRequest): Result => {
    switch (request.op) {
      case 'set-enabled': {
        const builder = requireBuilder(request)
        if (request.enabled && builder.quarantined) refuse(request, 'quarantined')
        const state = requireState(request)
        return apply(
          request.op,
          state,
          changeBuilder(desiredStateOf(state), request.id, { enabled: request.enabled }),
        )
      }
      case 'set-many-enabled': {
        const state = requireState(request)
        for (const id of request.ids) requireBuilder({ op: 'set-enabled', id, enabled: request.enabled })
        const { enabled } = request
        const builders = state.builders.map((one) =>
          request.ids.includes(one.id) ? { ...one, enabled } : one,
        )
        return apply(request.op, state, { ...desiredStateOf(state), builders })
      }
      case 'ping':
        reach(request)
        return { latencyMs: 12 }
      case 'ping-line': {
        const line = root.others.find(({ key }) => key === request.line)
        const host = hostOf(line?.machine?.uri ?? '')
        if (!line || host === undefined) return refuse(request, 'no-such-line')
        if (![...network.values()].some((machine) => machine.name === host && !machine.isDown))
          refuse(request, 'unreachable')
        return { latencyMs: 14 }
      }
      case 'prove':
        return { proof: proofOf(reach(request)) }
      case 'make-new-key': {
        if (requireBuilder(request).quarantined) refuse(request, 'quarantined')
        const key = root.newKeys.get(request.id) ?? needs.makeKey()
        root.newKeys.set(request.id, key)
        return { ...noteKeys(request, key.publicKey), publicKey: key.publicKey }
      }
      case 'use-new-key': {
        const key = root.newKeys.get(request.id)
        if (!key || requireBuilder(request).nextBuildKey !== key.publicKey)
          return refuse(request, 'no-new-key')
        const proof = proofOf(reach(request, root.newKeys))
        root.keys.set(request.id, key)
        root.newKeys.delete(request.id)
        return { ...noteKeys(request, undefined), proof }
      }
      case 'drop-new-key': {
        requireBuilder(request)
        root.newKeys.delete(request.id)
        return { ...noteKeys(request, undefined), publicKey: ensureKey(request.id) }
      }
      case 'put-builder': {
        const { builder } = request
        if (!needs.mayChange(builder.host)) calls.misuse(`${builder.id} is entered without an approved plan`)
        const isFirst = !root.state
        if (isFirst) requireIdle(request, request.restartDaemon)
        if (isFirst) restart()
        const isKnown = root.state?.builders.some(({ id }) => id === builder.id)
        const same = isKnown ? undefined : otherEntryOf(root.state?.builders ?? [], builder)
        if (same) refuse(request, 'machine-known', { builder: same.id, host: builder.host })
        const at = time.clock.now().toISOString()
        root.state ??= { version: 1, generation: 1, at, operation: request.op, ...emptyState }
        if (isFirst) root.generations = [root.state]
        const { enabled, quarantined, substituter, sharing } = root.state.builders.find(
          ({ id }) => id === builder.id,
        ) ?? { enabled: false, quarantined: false }
        const kept = { ...(substituter ? { substituter } : {}), ...(sharing ? { sharing } : {}) }
        const others = root.state.builders.filter(({ id }) => id !== builder.id)
        const publicKey = ensureKey(builder.id)
        const builders = [...others, { ...builder, enabled, quarantined, ...kept, buildKey: publicKey }]
        return { ...apply(request.op, root.state, { ...desiredStateOf(root.state), builders }), publicKey }
      }
      case 'adopt-line': {
        const line = root.others.find(({ key }) => key === request.line)
        const host = hostOf(line?.machine?.uri ?? '')
        const machine = [...network.values()].find((one) => one.name === host)
        if (!line?.machine || !machine) return refuse(request, 'no-such-line')
        if (machine.isDown) refuse(request, 'unreachable')
        const at = time.clock.now().toISOString()
        if (!root.state) restart()
        root.state ??= { version: 1, generation: 1, at, operation: request.op, ...emptyState }
        const { systems = ['x86_64-linux'], maxJobs, speedFactor } = line.machine
        const publicKey = ensureKey(request.id)
        const builder = {
          ...{
            id: request.id,
            host: machine.host,
            port: machine.port,
            user: 'nix',
            protocol: 'ssh-ng' as const,
          },
          ...{ systems: [...systems], maxJobs, speedFactor, supportedFeatures: [], mandatoryFeatures: [] },
          ...{ hostKeys: [...machine.hostKeys], enabled: true, quarantined: false, buildKey: publicKey },
          adoptedFrom: line.file,
        }
        root.adopted.set(request.id, line)
        root.others = root.others.filter((one) => one !== line)
        const builders = [...root.state.builders, builder]
        return apply(request.op, root.state, { ...desiredStateOf(root.state), builders })
      }
      case 'remove-builder': {
        requireBuilder(request)
        giveBack(request.id)
        const state = requireState(request)
        const builders = state.builders.filter(({ id }) => id !== request.id)
        if (builders.length === 0) {
          tearDown()
          return { generation: 0 }
        }
        root.keys.delete(request.id)
        root.newKeys.delete(request.id)
        return apply(request.op, state, { ...desiredStateOf(state), builders })
      }
      case 'set-mode': {
        const state = requireState(request)
        return apply(request.op, state, { ...desiredStateOf(state), remoteOnly: request.remoteOnly })
      }
      case 'set-substituter': {
        const { id, offered, everyone, publicKey, restartDaemon } = request
        const builder = requireBuilder(request)
        if (offered && publicKey === undefined) return refuse(request, 'grammar')
        const state = requireState(request)
        const offer = offered && publicKey !== undefined ? { publicKey, everyone } : undefined
        const wanted = changeSubstituter(desiredStateOf(state), id, offer)
        const isSame = isDeepStrictEqual(wanted, desiredStateOf(state))
        if (!isSame && builder.enabled) requireIdle(request, restartDaemon)
        if (!isSame) restart()
        return apply(request.op, state, wanted)
      }
      case 'set-shared': {
        const builder = requireBuilder(request)
        if (request.shared) reach(request)
        const state = requireState(request)
        const sharing = request.shared ? 'on' : undefined
        return apply(request.op, state, changeSharing(desiredStateOf(state), builder.id, sharing))
      }
      case 'rollback': {
        const old = root.generations.find(({ generation }) => generation === request.generation)
        if (!old) return refuse(request, 'no-such-generation')
        const now = requireState(request)
        const builders = old.builders.map((builder) => {
          const quarantined =
            now.builders.find(({ id }) => id === builder.id)?.quarantined ?? builder.quarantined
          const enabled = builder.enabled && !quarantined && root.keys.has(builder.id)
          return { ...builder, enabled, quarantined, buildKey: ensureKey(builder.id) }
        })
        return apply(request.op, now, { ...desiredStateOf(old), builders })
      }
      case 'clear-quarantine': {
        requireBuilder(request)
        const state = requireState(request)
        const change = { quarantined: false, hostKeys: request.hostKeys }
        return apply(request.op, state, changeBuilder(desiredStateOf(state), request.id, change))
      }
      case 'uninstall':
        tearDown()
        return { generation: 0 }
      case 'refresh':
        return calls.misuse('the installer of the helper alone has root’s files written anew')
      case 'put-back':
        requireIdle(request, request.restartDaemon)
        if (root.inTheWay) restart()
        root.inTheWay = undefined
        return { generation: requireState(request).generation }
      case 'status':
      case 'read-daemon':
        return calls.misuse('the status is read without root')
    }
  }

  return {
    inspect: () =>
      calls.run(
        'helper.inspect',
        () => ({ state: 'ready', way: root.way, installCommand: 'sudo millwright helper install' }) as const,
      ),
    status: () => calls.run('helper.status', () => statusOf(root)),
    daemon: () => calls.run('helper.daemon', () => daemonViewOf(root)),
    install: (signal) => calls.run('helper.install', () => undefined, signal),
    call: (request, { signal } = {}) => {
      const { op } = request
      if (op === 'status' || op === 'read-daemon') return calls.misuse('the status is read without root')
      return calls.run(
        `helper.${op}`,
        () => ({ type: 'result', code: 'OK', ...perform(request) }) as const,
        signal,
      )
    },
  }
}

function daemonViewOf({ state, inTheWay, alsoOffered, others }: Root): DaemonView {
  const on = state?.builders.filter(({ enabled }) => enabled) ?? []
  const used = inTheWay ? [] : on
  return {
    ...(state ? { generation: state.generation } : {}),
    isWhole: true,
    used: used.map(({ id }) => id),
    readsOurs: inTheWay === undefined,
    ...(state && inTheWay ? { inTheWay } : {}),
    alsoOffered,
    others,
    systems: used.flatMap(({ systems }) => systems),
    trustsCaller: false,
  }
}

function statusOf({ state, generations }: Root): HelperStatus {
  return {
    version: '0.0.0',
    initialised: state !== undefined,
    ...(state ? { generation: state.generation } : {}),
    generations: generations.map(({ generation, at, operation, builders }) => ({
      ...{ generation, at, operation },
      builders: builders.length,
    })),
    remoteOnly: state?.remoteOnly ?? false,
    builders: state?.builders ?? [],
    files: state
      ? [
          {
            path: '/etc/nix/millwright/current/machines',
            mode: '0644',
            owns: 'whole',
            content: machinesOf(state),
          },
        ]
      : [],
    foreign: [],
    warnings: [],
  }
}

function machinesOf({ builders }: State): string {
  return renderMachines(
    builders.filter(({ enabled }) => enabled),
    (id) => `/etc/nix/millwright/keys/${id}`,
  )
}

/** Root's side as plain data that can be compared; not how often it has changed. */
export function pictureOfRoot({ state, keys, newKeys }: Root) {
  return {
    isSetUp: state !== undefined,
    remoteOnly: state?.remoteOnly ?? false,
    builders: state?.builders ?? [],
    keys: [...keys.keys()].sort(),
    newKeys: [...newKeys.keys()].sort(),
    machines: state ? machinesOf(state) : '',
  }
}
