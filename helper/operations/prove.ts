import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Proof, RegisteredBuilder } from '../../contract/builder'
import type { Explanation } from '../../core/causes/why-nix-failed'
import { renderMachineLine } from '../../core/nix/machines'
import { sshAlias } from '../../core/ssh/alias'
import { Refusal } from '../protocol/refusal'
import { readCurrent } from '../state/generations'
import { builderOf, changeBuilder, desiredStateOf } from '../state/state'
import { daemonSshOptions } from '../system/daemon-environment'
import { tellGuard, withoutGuard } from '../system/guard'
import { withLock } from '../system/lock'
import { outputOf, type RunResult, run } from '../system/process'
import { enforceRateLimit } from '../system/rate-limit'
import { readStartOfPlainFile } from '../system/read-file'
import { keyPath, type System } from '../system/system'
import { apply, type Context, requireSetUp, withStateChange } from './apply-state'
import { classifyOutput } from './classify-output'
import { builtBy, errorsIn } from './nix-log'
import { proofExpression } from './proof-expression'

const pingTimeoutMs = 30_000
const buildTimeoutMs = 180_000
/** By the daemon where there is one; a store of one's own is worked on directly. */
const storeOf = ({ whose }: System) => (whose === 'root' ? { NIX_REMOTE: 'daemon' } : {})

/** A builder that an administrator put here and that is not in quarantine; counts the call. */
export async function approvedBuilder(
  context: Context,
  { id }: { readonly id: string },
): Promise<RegisteredBuilder> {
  const { system } = context
  await withLock(context, async () => {
    enforceRateLimit(system, 'switch-calls')
    context.trail.makeRoom()
  })
  const builder = builderOf(requireSetUp(readCurrent(system)), id)
  if (!builder.quarantined) return builder
  throw new Refusal('INVALID', 'quarantined', `The host key of ${id} changed.`)
}

/** The daemon's own handshake, as root, with its ssh options and its key. Returns how long it took, in ms. */
export async function ping(
  context: Context,
  builder: RegisteredBuilder,
  by: Pick<HandshakeOptions, 'alias' | 'key'> = {},
): Promise<number> {
  const { system, step } = context
  step('ping')
  const start = performance.now()
  const ran = await handshake(system, builder, by)
  tellGuard(system, builder.id, ran.status === 0)
  if (ran.status === 0) return Math.round(performance.now() - start)
  const why: Explanation = ran.timedOut
    ? { reason: 'timed-out' }
    : classifyOutput(ran.stderr, 'handshake', builder)
  if (why.reason === 'host-key-changed') await quarantine(context, builder.id)
  return failed(why, ran)
}

/** The same where the lock is held already: a changed host key is a reason like any other, and nothing is written. */
export async function requireHandshake({ system, step }: Context, builder: RegisteredBuilder): Promise<void> {
  step('ping')
  const ran = await handshake(system, builder)
  tellGuard(system, builder.id, ran.status === 0)
  if (ran.status === 0) return
  failed(ran.timedOut ? { reason: 'timed-out' } : classifyOutput(ran.stderr, 'handshake', builder), ran)
}

interface HandshakeOptions {
  /** The stanza to go by: the builder's own unless told. */
  readonly alias?: string
  /** Root's key in force unless told. */
  readonly key?: string
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string>>
}

/** One handshake of Nix with a builder; what became of it is in the answer. */
export function handshake(
  system: System,
  { protocol, id }: RegisteredBuilder,
  {
    alias = sshAlias(id),
    key = keyPath(system, id),
    timeoutMs = pingTimeoutMs,
    env = {},
  }: HandshakeOptions = {},
): Promise<RunResult> {
  const store = `${protocol}://${alias}?ssh-key=${key}`
  const command = ['nix', '--extra-experimental-features', 'nix-command', 'store', 'ping', '--store', store]
  return run(system, command, { timeoutMs, env: { ...withoutGuard, ...env } })
}

function failed({ reason, said }: Explanation, ran: RunResult): never {
  throw new Refusal('NEEDS_ATTENTION', reason, outputOf(ran), said)
}

/** Nothing goes there any more until an administrator has looked at the new key. */
function quarantine(context: Context, id: string): Promise<number> {
  context.step('quarantine')
  return withStateChange(context, { op: 'quarantine' }, async (current) => {
    const state = requireSetUp(current)
    const wanted = changeBuilder(desiredStateOf(state), id, { enabled: false, quarantined: true })
    return await apply(context, 'quarantine', state, wanted)
  })
}

/**
 * Builds one fixed derivation through the daemon, with this builder as the only one it may use and none here:
 * root's own `builders` holds for this connection alone, so a builder that is off is tried without anybody
 * else's builds going there.
 */
export async function prove(
  { system, step }: Context,
  builder: RegisteredBuilder,
  alias = sshAlias(builder.id),
  key = keyPath(system, builder.id),
): Promise<Proof> {
  step('instantiate')
  const nonce = randomBytes(16).toString('hex')
  const expression = proofExpression(builder, nonce)
  const made = await run(system, ['nix-instantiate', '-E', expression], {
    timeoutMs: 60_000,
    env: storeOf(system),
  })
  const drvPath = made.stdout.trim()
  if (made.status !== 0 || !drvPath.endsWith('.drv'))
    return failed(classifyOutput(made.stderr, 'build', builder), made)

  step('build')
  // The daemon's own ssh goes by the guard, which is to ask now.
  tellGuard(system, builder.id, false)
  const start = performance.now()
  const ran = await run(system, buildCommand(builder, alias, key, drvPath), {
    timeoutMs: buildTimeoutMs,
    env: storeOf(system),
  })
  const durationMs = Math.round(performance.now() - start)
  const heard = { ...ran, stderr: errorsIn(ran.stderr) }
  if (ran.timedOut) return failed({ reason: 'timed-out' }, heard)
  const hasArrived = builtBy(ran.stderr, drvPath)?.split('?')[0] === `${builder.protocol}://${alias}`
  if (ran.status !== 0) return failed(whyNotBuilt(builder, heard.stderr, hasArrived), heard)
  if (!hasArrived) return failed({ reason: 'built-elsewhere' }, heard)

  step('read-back')
  const outPath = ran.stdout.trim()
  const [returned, hostName = ''] = readStart(system, outPath).split('\n')
  if (returned !== nonce) return failed({ reason: 'built-elsewhere' }, heard)
  const builtOn = isName(hostName) ? hostName : builder.host
  return { drvPath, outPath, builtOn, durationMs, at: new Date().toISOString() }
}

/** That it failed over there is known only once Nix has sent it there. */
function whyNotBuilt(builder: RegisteredBuilder, stderr: string, hasArrived: boolean): Explanation {
  const why = classifyOutput(stderr, 'build', builder)
  if (why.reason !== 'unknown') return why
  if (hasArrived) return { ...why, reason: 'build-failed' }
  // Handshakes are made without it, so they pass where the daemon's own logins fail.
  const options = /failed to start SSH connection to|cannot connect to|unexpected end-of-file/.test(stderr)
    ? daemonSshOptions()
    : undefined
  if (options === undefined) return why
  return {
    reason: 'daemon-ssh-options',
    said: {
      line: `NIX_SSHOPTS=${options}`,
      facts: { options, ...(why.said ? { line: why.said.line } : {}) },
    },
  }
}

function buildCommand(builder: RegisteredBuilder, alias: string, key: string, drvPath: string): string[] {
  const line = renderMachineLine(builder, () => key, alias)
  const options = { 'max-jobs': '0', builders: line, substitute: 'false', fallback: 'false' }
  return [
    ...['nix-store', '--realise', drvPath, '--log-format', 'internal-json'],
    ...Object.entries(options).flatMap(([name, value]) => ['--option', name, value]),
  ]
}

/** In a sandbox every Linux builder calls itself localhost. */
function isName(hostName: string): boolean {
  return /^[\w.-]{1,253}$/.test(hostName) && !/^localhost/i.test(hostName)
}

/** A builder says what its output is, so nothing but a plain file of the store itself is opened; else it holds nothing. */
function readStart({ storeDirectory }: System, path: string): string {
  if (dirname(path) !== storeDirectory) return ''
  return readStartOfPlainFile(path, 1024)?.toString('latin1') ?? ''
}
