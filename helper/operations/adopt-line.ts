import * as v from 'valibot'
import { BuilderSpec } from '../../contract/builder'
import type { ConfigureRequest } from '../../contract/helper'
import type { BuilderLine } from '../../core/nix/builder-lines'
import { parseMachines } from '../../core/nix/machines'
import { shareHostKey } from '../../core/ssh/same-machine'
import { readLogin } from '../daemon/line-destinations'
import { Refusal } from '../protocol/refusal'
import { takeAdoptedLine } from '../state/adopted-lines'
import { checkForeignFiles } from '../state/foreign-files'
import { readCurrent } from '../state/generations'
import { deleteKey, hasKey, linkKey } from '../state/keys'
import { type DesiredState, desiredStateOf, maxBuilders, type State } from '../state/state'
import { checkRootsSsh } from '../state/validate'
import { showConfig } from '../system/local-nix'
import { readPlainFile } from '../system/read-file'
import type { System } from '../system/system'
import { whyNotTrusted } from '../system/trusted-path'
import { apply, type Context, requireSetUp, setUp, withStateChange } from './apply-state'
import { findOtherLine } from './ping-line'
import { requireHandshake } from './prove'
import { tearDown } from './set-up'

type AdoptRequest = Extract<ConfigureRequest, { op: 'adopt-line' }>

/** A builder that a line of others makes, and the line itself, one character per byte. */
interface Adoption {
  readonly spec: BuilderSpec
  readonly keyFile: string
  readonly text: string
  readonly line: BuilderLine
}

/**
 * Moves a line of somebody else's machines file into ours: the same address, columns and key file, by our own stanza. It
 * counts only after a handshake that way; then the old line becomes a comment, in one step with nothing between that
 * sends a build nowhere. Nothing on the builder changes. Fails with UNSUPPORTED, line-not-adoptable, and INVALID,
 * no-such-line.
 */
export function adoptLine(context: Context, request: AdoptRequest) {
  return withStateChange(context, request, async (current) => {
    const { system, step, trail } = context
    checkForeignFiles(system)
    await checkRootsSsh(system)
    step('read-line')
    const adoption = await readAdoption(system, request, current)
    const base = await setUp(context, request.op, request.restartDaemon, current)
    trail.begin(request.op)
    try {
      return { generation: await takeOver(context, request, base, adoption) }
    } catch (error) {
      if (!current) tearDown(system)
      throw error
    }
  })
}

async function takeOver(
  context: Context,
  { op, id }: AdoptRequest,
  base: State,
  { spec, keyFile, text, line }: Adoption,
): Promise<number> {
  const { system, step } = context
  const before = desiredStateOf(base)
  const { file } = line.place
  try {
    step('key')
    const publicKey = await linkKey(system, id, keyFile)
    if (publicKey === undefined)
      refuse(
        `${keyFile} is no key of type ssh-ed25519 without a passphrase, which Millwright’s logins are limited to`,
      )
    const builder = { ...spec, enabled: false, quarantined: false, adoptedFrom: file, buildKey: publicKey }
    const wanted = (enabled: boolean): DesiredState => ({
      ...before,
      builders: [...before.builders, { ...builder, enabled }],
    })
    await apply(context, op, base, wanted(false))
    await requireHandshake(context, builder)
    const generation = await apply(context, op, inForce(system), wanted(true))
    step('take-line')
    takeAdoptedLine(file, line.place.line, text, id)
    return generation
  } catch (error) {
    step('roll-back')
    await apply(context, op, inForce(system), before)
    deleteKey(system, id)
    throw error
  }
}

const inForce = (system: System): State => requireSetUp(readCurrent(system))

/** What the line and root's own ssh configuration say, held to the grammars of our files. */
async function readAdoption(
  system: System,
  { line: key, id }: AdoptRequest,
  current: State | undefined,
): Promise<Adoption> {
  const builders = current?.builders ?? []
  if (builders.some((one) => one.id === id)) refuse(`there is a builder named ${id} already`)
  if (!current && hasKey(system, id)) refuse(`a key of a builder named ${id} is still there`)
  if (builders.length >= maxBuilders) refuse(`there are ${maxBuilders} builders already`)
  const line = await findOtherLine(system, key)
  const text = readLine(system, line)
  const { machine } = line
  const login = await readLogin(system, machine)
  if (typeof login === 'string') return refuse(login)
  const { keyFile, protocol, ...place } = login
  const systems = machine.systems ?? [String((await showConfig(system)).system)]
  const { maxJobs, speedFactor, supportedFeatures, mandatoryFeatures } = machine
  const columns = { systems, maxJobs, speedFactor, supportedFeatures, mandatoryFeatures }
  const parsed = v.safeParse(BuilderSpec, { id, protocol, ...place, ...columns })
  if (!parsed.success) {
    const field = parsed.issues[0].path?.map(({ key }) => String(key)).join('.') ?? 'it'
    return refuse(`${field} is nothing that Millwright writes into its own files`)
  }
  const same = builders.find(({ hostKeys }) => shareHostKey(hostKeys, parsed.output.hostKeys))
  if (same) refuse(`it is the same machine as ${same.id}`)
  return { spec: parsed.output, keyFile, text, line }
}

/** The line as it stands in a machines file that is root's alone, one machine and no more. */
function readLine(system: System, { machine, place: { file, line } }: BuilderLine): string {
  if (!file.startsWith('/')) refuse(`it stands in ${file}, which is no machines file`)
  const problem = whyNotTrusted(file, system)
  if (problem !== undefined) refuse(problem)
  const text = readPlainFile(file).toString('latin1').split('\n')[line - 1] ?? ''
  if (text.includes(';')) refuse('its line holds more than this one')
  const [read, ...more] = parseMachines(text, 'new').machines
  const isIt =
    read &&
    more.length === 0 &&
    JSON.stringify({ ...read, line: 0 }) === JSON.stringify({ ...machine, line: 0 })
  if (!isIt) refuse('it stands in the setting itself and not in a machines file')
  return text
}

function refuse(why: string): never {
  throw new Refusal('UNSUPPORTED', 'line-not-adoptable', `${why}.`, { line: why, facts: {} })
}
