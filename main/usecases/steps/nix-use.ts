import type { DaemonView, OtherLine } from '../../../contract/daemon'
import { createFailure, type KnownFailure } from '../../../core/failures/failure'
import { storeOf } from '../../../core/nix/builder-lines'
import { type EffectiveSettings, isOfDaemon } from '../../../core/nix/effective-settings'
import { canPutBack, inTheWayFailure, notUsedFailure, stopsProof } from '../../../core/nix/not-used'
import { hostOf, isSameMachine, pinnedKey, portOf } from '../../../core/nix/same-machine'
import { isOwnPlace, placeText } from '../../../core/nix/setting-place'
import { sshAlias } from '../../../core/ssh/alias'
import { FailureError } from '../../failures'
import type { Job } from '../../jobs/job'
import type { Ports } from '../../ports/ports'
import { withRestartConsent } from './restart-consent'

type Needs = Pick<Ports, 'helper' | 'local'>
type Builder = Parameters<typeof isSameMachine>[1] & {
  readonly id: string
  readonly host: string
  readonly protocol: string
  readonly enabled: boolean
  readonly jump?: unknown
}

/** What Nix goes by for this person: the daemon’s list, and their own where the daemon takes it. */
export interface NixUse {
  readonly daemon: DaemonView | undefined
  readonly settings: EffectiveSettings | undefined
}

/** Never fails: of what is not known nothing is said. */
export async function readNixUse({ helper, local }: Needs): Promise<NixUse> {
  const [daemon, settings] = await Promise.all([
    helper.daemon(),
    local.settings().catch(() => undefined), // said by who reads this computer's Nix
  ])
  return { daemon, settings }
}

/** A list of the person’s own that the daemon takes in place of the system’s; the empty one is a mode of its own. */
function ownList({ daemon, settings }: NixUse): EffectiveSettings | undefined {
  if (!settings?.sendsBuilders || !daemon?.trustsCaller || settings.builders === '') return undefined
  return isOwnPlace(settings.places.builders) ? undefined : settings
}

/** The lines of others that builds of this person go by. Where root has not read them, as this person's Nix has. */
export function otherLines(use: NixUse): readonly OtherLine[] {
  const own = ownList(use)
  const asSeen = (lines: EffectiveSettings['lines'] = []) =>
    lines
      .filter(({ machine, place }) => !isOurLine(machine.uri, place.file))
      .map(({ machine: { line: _, ...machine }, place }) => ({ ...place, machine }))
  return own ? asSeen(own.lines) : (use.daemon?.others ?? asSeen(use.settings?.lines))
}

/** In our own file, or under a name that only our stanzas know. */
function isOurLine(uri: string, file: string): boolean {
  return file.endsWith('/millwright/current/machines') || hostOf(uri)?.startsWith(sshAlias('')) === true
}

/** Why builds of this person do not get to a builder that is on; undefined: they do, or it is not known. */
export function whyNotUsed(
  { id, protocol, enabled }: Pick<Builder, 'id' | 'protocol' | 'enabled'>,
  use: NixUse,
  generation: number | undefined,
): KnownFailure | undefined {
  const failure = notUsedFailure({ id, enabled }, use.daemon, generation)
  if (failure || !enabled) return failure
  const elsewhere = ownStore(id, use)
  if (elsewhere) return elsewhere
  const own = ownList(use)
  const place = own?.places.builders
  if (!own || !place) return undefined
  const isThere = own.lines.some(({ machine }) => storeOf(machine.uri) === `${protocol}://${sshAlias(id)}`)
  if (isThere) return undefined
  const list = use.daemon?.list
  return createFailure('OWN_LINE_OVERRIDES', {
    builder: id,
    where: placeText(place),
    ...(list === undefined ? {} : { list }),
  })
}

/** A store of the person's own choosing, in which the daemon builds nothing. Root is who the daemon is. */
function ownStore(id: string, { settings }: NixUse): KnownFailure | undefined {
  if (settings?.store === undefined) return undefined
  const { store, places, isDaemonsUser } = settings
  if (isOfDaemon(store) || (isDaemonsUser && /^local(\?|$)/.test(store))) return undefined
  const where = places.store ? placeText(places.store) : 'NIX_REMOTE in the environment'
  return createFailure('OWN_STORE', { builder: id, where, store })
}

/** Where else Nix is offered the same machine, `FILE:LINE` each. */
export async function findOffers(
  { local }: Pick<Ports, 'local'>,
  builder: Builder,
  use: NixUse,
): Promise<readonly string[]> {
  const byDaemon = (use.daemon?.alsoOffered ?? []).filter(({ id }) => id === builder.id).map(placeText)
  const own = ownList(use)?.lines ?? []
  const found = await Promise.all(
    own.map(async ({ machine, place }) => {
      const host = hostOf(machine.uri)
      if (host === undefined || host === sshAlias(builder.id)) return []
      const key = pinnedKey(machine)
      const [there, here] = await Promise.all([
        local.namesOf(host),
        builder.jump === undefined ? local.namesOf(builder.host) : [],
      ])
      const port = portOf(machine.uri)
      const destination = { names: there, hostKeys: key ? [key] : [], ...(port ? { port } : {}) }
      const isSame = isSameMachine(destination, builder, here)
      return isSame ? [placeText(place)] : []
    }),
  )
  return [...new Set([...byDaemon, ...found.flat()])]
}

/** Before a machine is touched: what would keep Nix from every builder of ours. Fails with what is in the way. */
export async function requireNixReadsOurs(ports: Needs, id: string): Promise<void> {
  const { daemon } = await readNixUse(ports)
  if (daemon?.inTheWay && !daemon.readsOurs)
    throw new FailureError(inTheWayFailure(daemon.inTheWay, { builder: id, list: daemon.list }))
}

/** Fails with why this person’s builds would not get to a builder that is on. */
export async function requireUsed(
  ports: Needs,
  builder: Pick<Builder, 'id' | 'protocol' | 'enabled'>,
): Promise<NixUse> {
  const use = await readNixUse(ports)
  const { inTheWay, generation } = use.daemon ?? {}
  const failure =
    whyNotUsed(builder, use, generation) ??
    // Then one that is off cannot be tried either.
    (inTheWay && stopsProof(inTheWay) ? inTheWayFailure(inTheWay, { builder: builder.id }) : undefined)
  if (failure) throw new FailureError(failure)
  return use
}

/** Adds lines of ours that are lost again, and restarts the daemon for them; no more than that is ours to mend. */
export async function putLinesBack({ helper }: Pick<Ports, 'helper'>, job: Job): Promise<void> {
  if (!canPutBack(await helper.daemon())) return
  await withRestartConsent(job, (restartDaemon) =>
    helper.call({ op: 'put-back', restartDaemon }, { signal: job.signal, ask: job.ask }),
  )
}
