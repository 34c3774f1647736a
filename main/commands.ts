import type { Handlers } from '../contract/api'
import type { JobKind } from '../contract/commands'
import type { Reply } from '../contract/failure'
import type { Reach, SubstituterView } from '../contract/mode'
import type { BuilderView } from '../contract/snapshot'
import { suggestBuilderId } from '../core/provision/builder-id'
import { changePreferences } from '../core/settings/change-preferences'
import { parseAddress } from '../core/ssh/address'
import type { Claim } from '../core/sync/readings'
import { substituterPart } from './apply-reading'
import { fail, toFailure } from './failures'
import type { Flow, Job, Jobs } from './jobs/job'
import type { Ports } from './ports/ports'
import type { State, Store } from './store'
import { acceptHostKey } from './usecases/accept-host-key'
import { addBuilder } from './usecases/add-builder'
import { adoptBuilder } from './usecases/adopt-builder'
import { collectGarbage } from './usecases/collect-garbage'
import { installHelper } from './usecases/install-helper'
import { offerSubstituter } from './usecases/offer-substituter'
import { removeBuilder } from './usecases/remove-builder'
import { rollBack } from './usecases/roll-back'
import { rotateKey } from './usecases/rotate-key'
import { pauseBuilder, resumeBuilder } from './usecases/set-enabled'
import { readModes, setModeForMe, setRemoteOnlyForEveryone } from './usecases/set-mode'
import { shareConnection } from './usecases/share-connection'
import { pingOthers } from './usecases/status/ping-others'
import { testBuilder } from './usecases/test-builder'
import { uninstall } from './usecases/uninstall'
import { needsOffer, setSubstituterForEveryone, setSubstituterForMe } from './usecases/use-substituter'
import { withdrawSubstituter } from './usecases/withdraw-substituter'

interface Needs {
  readonly ports: Ports
  readonly store: Store
  readonly jobs: Jobs
  /** Reads the system again into the store. */
  readonly refresh: () => Promise<void>
  /** Of a part of the store that is set here; an earlier reading that ends later leaves it alone. */
  readonly beginReading: () => Claim
  /** What is done between the end of a job's flow and its last word. */
  readonly afterJob: () => Promise<void>
  readonly copyText: (text: string) => void
}

/** From the name of a command to the use-case that does it. Everything thrown becomes a reply. */
export function createHandlers({
  ports,
  store,
  jobs,
  refresh,
  beginReading,
  afterJob,
  copyText,
}: Needs): Handlers {
  const start = <K extends JobKind>(
    kind: K,
    builderId: string,
    flow: (job: Job) => Flow<K>,
    address = builderId,
  ) => {
    const { jobId } = jobs.start(kind, { builderId, address }, flow, afterJob)
    return { jobId }
  }

  /** Reads a part of the store and shows it, unless a reading that began later has ended first. */
  const show = async <P extends 'modes' | 'preferences' | 'autostart'>(
    part: P,
    read: () => Promise<State[P]>,
  ) => {
    const claim = beginReading()
    const value = await read()
    if (claim(part)) store.update((state) => ({ ...state, [part]: value }))
  }
  const showModes = (everyone: boolean) => show('modes', async () => (await readModes(ports))(everyone))

  const showSubstituter = (id: string, change: (view: SubstituterView) => SubstituterView) => {
    beginReading()(substituterPart(id))
    store.update((state) => ({
      ...state,
      builders: state.builders.map((builder) =>
        builder.id === id ? { ...builder, substituter: change(builder.substituter) } : builder,
      ),
    }))
  }

  return {
    'get-snapshot': replying(() => store.snapshot()),
    'add-builder': replying(({ address: typed, options }) => {
      const parsed = parseAddress(typed)
      if (!parsed.ok) {
        if (parsed.problem === 'this-computer') fail('ADDRESS_IS_THIS_COMPUTER')
        fail('ADDRESS_INVALID', { address: typed.slice(0, 120), problem: parsed.problem })
      }
      const { host } = parsed.address
      const taken = store.snapshot().builders.filter((builder) => !isUnfinished(builder, host))
      const ids = taken.map((builder) => builder.id)
      const id = options.id ?? suggestBuilderId(host, ids)
      return start(
        'add',
        id,
        (job) => addBuilder(ports, job, { id, typed, address: parsed.address, options }),
        typed,
      )
    }),
    'adopt-builder': replying(({ line, id: wanted }) => {
      const { builders, unmanaged } = store.snapshot()
      const name = unmanaged.find(({ key }) => key === line)?.name ?? fail('LINE_GONE')
      const id =
        wanted ??
        suggestBuilderId(
          name,
          builders.map((builder) => builder.id),
        )
      return start('adopt', id, (job) => adoptBuilder(ports, job, { id, line }), name)
    }),
    answer: quiet(({ jobId, questionId, answer }) => jobs.answer(jobId, questionId, answer)),
    'cancel-job': quiet(({ jobId }) => jobs.cancel(jobId)),
    'dismiss-job': quiet(({ jobId }) => jobs.dismiss(jobId)),
    'test-builder': replying(({ id }) => start('test', id, (job) => testBuilder(ports, job, id))),
    'remove-builder': replying(({ id, localOnly }) =>
      start('remove', id, (job) => removeBuilder(ports, job, id, { localOnly })),
    ),
    'pause-builder': replying(({ id, forMs }) =>
      start('pause', id, (job) => pauseBuilder(ports, job, id, forMs)),
    ),
    'resume-builder': replying(({ id }) => start('resume', id, (job) => resumeBuilder(ports, job, id))),
    'roll-back': replying(({ generation }) =>
      start('rollback', 'configuration', (job) => rollBack(ports, job, generation)),
    ),
    'install-helper': replying(() => start('install-helper', 'computer', (job) => installHelper(ports, job))),
    uninstall: replying(() => start('uninstall', 'computer', (job) => uninstall(ports, job))),
    'set-mode': replying(async ({ mode, scope, on }) => {
      const { everyone } = store.snapshot().modes.remoteOnly
      if (!reachesEveryone({ scope, on }, mode === 'remote-only' && everyone)) {
        await setModeForMe(ports, mode, on)
        await showModes(everyone)
        return {}
      }
      if (mode === 'local-only') fail('INVALID_INPUT', { field: 'scope' })
      return start('mode', mode, async function* (job) {
        yield* setRemoteOnlyForEveryone(ports, job, on, scope === 'wherever')
        await showModes(on)
      })
    }),
    'use-substituter': replying(async ({ id, scope, on }) => {
      if (on && (await needsOffer(ports, id))) {
        return start('offer-substituter', id, (job) =>
          offerSubstituter(ports, job, id, scope === 'everyone' ? scope : 'me', (signing) =>
            showSubstituter(id, ({ signing: _, ...view }) => (signing ? { ...view, signing } : view)),
          ),
        )
      }
      const known = store.snapshot().builders.find((builder) => builder.id === id)
      if (scope !== 'everyone') {
        await setSubstituterForMe(ports, id, on)
        showSubstituter(id, (view) => ({ ...view, me: on }))
      }
      return reachesEveryone({ scope, on }, known?.substituter.everyone ?? false)
        ? start('mode', id, (job) => setSubstituterForEveryone(ports, job, id, on))
        : {}
    }),
    'withdraw-substituter': replying(({ id }) =>
      start('withdraw-substituter', id, (job) => withdrawSubstituter(ports, job, id)),
    ),
    'share-connection': replying(({ id, on }) =>
      start('share', id, (job) => shareConnection(ports, job, id, on)),
    ),
    'accept-host-key': replying(({ id }) =>
      start('accept-host-key', id, (job) => acceptHostKey(ports, job, id)),
    ),
    'rotate-key': replying(({ id }) => start('rotate-key', id, (job) => rotateKey(ports, job, id))),
    'collect-garbage': replying(({ id }) => start('collect', id, (job) => collectGarbage(ports, job, id))),
    'get-series': replying(({ id, span }) => ports.series.read(id, span, ports.clock.now().getTime())),
    'set-preferences': quiet(async (change) => {
      await ports.preferences.update((known) => changePreferences(known, change))
      await show('preferences', () => ports.preferences.read())
    }),
    'set-autostart': quiet(async ({ way }) => {
      await ports.autostart.set(way)
      await show('autostart', () => ports.autostart.read())
    }),
    'look-around': quiet(refresh),
    'ping-unmanaged': quiet(async () => {
      const answers = await pingOthers(ports, store.state().unmanaged)
      store.update((state) => ({ ...state, answers: { ...state.answers, ...answers } }))
    }),
    'copy-text': quiet(({ text }) => copyText(text)),
  }
}

/** Left by an attempt at the same machine that never got its proof: adding it again goes on there. */
function isUnfinished({ state, enabled, login }: BuilderView, host: string): boolean {
  return state === 'unproven' && !enabled && login?.split('@')[1] === host
}

/** Whether a press takes root: it says so, or it is off for a thing that is on for everyone. */
function reachesEveryone(press: { readonly scope: Reach; readonly on: boolean }, isOn: boolean): boolean {
  return press.scope === 'everyone' || (press.scope === 'wherever' && !press.on && isOn)
}

/** Turns what a handler returns or throws into a reply. */
function replying<I, O>(handle: (input: I) => O | Promise<O>): (input: I) => Promise<Reply<O>> {
  return async (input) => {
    try {
      return { ok: true, value: await handle(input) }
    } catch (error) {
      return { ok: false, failure: toFailure(error) }
    }
  }
}

/** The same for what has nothing to answer. */
function quiet<I>(handle: (input: I) => unknown): (input: I) => Promise<Reply<undefined>> {
  return replying(async (input: I) => {
    await handle(input)
    return undefined
  })
}
