import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pLimit from 'p-limit'
import * as v from 'valibot'
import type { DaemonView } from '../../../contract/daemon'
import {
  HelperLine,
  type HelperRequest,
  type HelperResult,
  mostTrialsAtOnce,
  programOf,
} from '../../../contract/helper'
import { protocolVersions } from '../../../contract/version'
import { whyNotRoot } from '../../../core/causes/rights-messages'
import { failureOfHelper } from '../../../core/failures/from-outside'
import type { WayToRoot } from '../../../core/nix/installation'
import { cleanText } from '../../../core/text/clean-text'
import { shellWord } from '../../../core/text/shell-quote'
import { findInstallation, platform } from '../../../helper/system/find-installation'
import { FailureError, fail } from '../../failures'
import type { CallOptions, HelperPort } from '../../ports/helper'
import type { Ask } from '../../ports/ssh'
import { findUntrustedPart } from '../nix/trusted-parents'
import { type ProgramResult, runProgram } from '../system/run-program'
import { type RootTerminal, rootPrefix, tryWays, usableWays } from './as-root'

export interface HelperOptions {
  /** Whether sudo and its like may be tried, and ask. */
  readonly terminal: RootTerminal
  /**
   * Folders to look in, the first that holds the helper wins. Given by code alone, never by the environment:
   * what runs as root must not be for others to choose.
   */
  readonly prefixes?: readonly string[]
  /** How root could be reached; found out unless told. */
  readonly ways?: readonly WayToRoot[]
  /** The Node and the installer that a package brings, as absolute paths; nothing in a working copy. */
  readonly installer?: Installer
}

export interface Installer {
  readonly node: string
  readonly script: string
}

const defaultPrefixes =
  platform === 'darwin'
    ? ['/Library/PrivilegedHelperTools/millwright', '/Library/PrivilegedHelperTools/millwright-dev']
    : ['/usr/lib/millwright', '/usr/lib/millwright-dev']

/**
 * Where the helper may be for a program that lies in `folder`: a package of Nix has its own beside it, in the same path of
 * the store; whatever else there is has the usual places.
 */
export function helperPrefixes(folder: string): readonly string[] {
  const [own] = /^\/nix\/store\/[^/]+/.exec(folder) ?? []
  return own === undefined ? defaultPrefixes : [`${own}/libexec/millwright`, ...defaultPrefixes]
}

const installCommand = 'sudo millwright helper install'
const statusTimeoutMs = 20_000
/** Long enough for a person to find their password, and for a proof on a slow builder after that. */
const callTimeoutMs = 10 * 60_000

/** The installed helper by polkit, by sudo and its like from a terminal, or directly where this process is root. */
export function createHelper({
  terminal,
  prefixes = defaultPrefixes,
  ways: given,
  installer,
}: HelperOptions): HelperPort {
  /** The helper refuses more at once: ours wait for one another instead. */
  const trials = pLimit(mostTrialsAtOnce)
  /** What went wrong beside the last change; it stands with the others until the next one. */
  let warning: string | undefined
  const waysHere = () => given ?? findInstallation().waysToRoot
  const findPrefix = () => prefixes.find((prefix) => existsSync(join(prefix, 'millwright-switch')))
  const ways = () => usableWays(waysHere(), terminal)
  const way = () => ways()[0]?.by ?? 'none'

  const findInstaller = (): readonly string[] | undefined => {
    const best = ways()[0]
    const isAsked = best?.by === 'root' || best?.by === 'pkexec'
    if (!installer || !isAsked || !isTrustedInstaller(installer)) return undefined
    const prefix = best.by === 'root' ? [] : [best.program]
    return [...prefix, installer.node, installer.script, 'install', '--runtime', installer.node]
  }

  const findProgram = (op: HelperRequest['op']) => {
    const prefix = findPrefix() ?? fail('HELPER_MISSING', { command: installCommand })
    const program = join(prefix, programOf(op))
    const other = findUntrustedPart(program)
    if (other) fail('HELPER_INSECURE', { path: other, command: installCommand })
    return program
  }

  const run = (argv: readonly string[], request: HelperRequest, timeoutMs: number, signal?: AbortSignal) =>
    runProgram(argv, { input: JSON.stringify(request), timeoutMs, ...(signal ? { signal } : {}) })

  const callAsRoot = async (program: string, request: HelperRequest, { signal, ask }: CallOptions) => {
    const ran = await tryWays(ways(), (one) =>
      run([...rootPrefix(one, terminal), program], request, callTimeoutMs, signal),
    )
    return ran ?? (await runByHand(program, request, ask))
  }

  const readDaemon = async (): Promise<DaemonView | undefined> => {
    const request = { op: 'read-daemon' } as const
    // polkit lets who sits at the screen, and refuses anybody else without a question.
    const [best] = ways()
    const prefixes = best?.by === 'pkexec' ? [rootPrefix(best, terminal), []] : [[]]
    for (const prefix of prefixes) {
      const ran = await run([...prefix, findProgram(request.op)], request, statusTimeoutMs)
      const result = findResult(ran.stdout)
      // One that root refuses, as when it is asked too often, is answered by what this user may read.
      if (result?.code === 'OK') return result.daemon
    }
    return undefined
  }
  let seen: { readonly atMs: number; readonly view: Promise<DaemonView | undefined> } | undefined

  return {
    inspect: async () => {
      const prefix = findPrefix()
      const other = prefix ? findUntrustedPart(join(prefix, 'millwright-switch')) : undefined
      const state = !prefix ? 'missing' : other ? 'insecure' : 'ready'
      return { state, way: way(), installCommand, isInstallable: findInstaller() !== undefined }
    },
    status: async () => {
      const request = { op: 'status' } as const
      const program = findProgram('status')
      const result = toResult(program, request, await run([program], request, statusTimeoutMs))
      const status = result.status ?? fail('HELPER_FAILED', {}, 'The helper answered without its status.')
      return warning === undefined ? status : { ...status, warnings: [...status.warnings, warning] }
    },
    daemon: ({ maxAgeMs = 0 } = {}) => {
      const nowMs = performance.now()
      if (seen && nowMs - seen.atMs < maxAgeMs) return seen.view
      // Older helpers do not know the question, and one that is not there or not safe is not asked.
      const view = readDaemon().catch(() => undefined)
      seen = { atMs: nowMs, view }
      return view
    },
    call: async (request, options = {}) => {
      const program = findProgram(request.op)
      const call = () => callAsRoot(program, request, options)
      const isTrial = ['ping', 'ping-line', 'prove'].includes(request.op)
      try {
        const result = toResult(program, request, await (isTrial ? trials(call) : call()))
        if (!isTrial) warning = result.warning
        return result
      } finally {
        if (!isTrial) seen = undefined
      }
    },
    install: async (signal) => {
      const argv = findInstaller() ?? fail('NO_WAY_TO_ROOT', { command: installCommand })
      const ran = await runProgram(argv, { timeoutMs: callTimeoutMs, ...(signal ? { signal } : {}) })
      if (ran.ended === 'cancelled') fail('CANCELLED')
      if (ran.ended === 'timed-out') fail('TIMED_OUT', {}, 'The helper was not installed in time.')
      if (ran.status !== 0) failUnheard(ran, installCommand)
    },
  }
}

/** What runs as root must be root's alone: both programs, and all that the installer copies from beside it. */
function isTrustedInstaller({ node, script }: Installer): boolean {
  const folder = dirname(script)
  if (!existsSync(script) || findUntrustedPart(node) || findUntrustedPart(folder)) return false
  return readdirSync(folder).every((name) => findUntrustedPart(join(folder, name)) === undefined)
}

/** It said nothing of its own: the way to root was closed, which the way itself has said, or it broke. */
function failUnheard({ status, stderr }: ProgramResult, command: string): never {
  const detail = cleanText(stderr).trim()
  const cause = whyNotRoot(stderr)
  // pkexec(1) keeps this one for a window that was closed; older ones say nothing with it.
  if (cause?.reason === 'dismissed' || (!cause && status === 126)) fail('AUTHORISATION_DISMISSED', {}, detail)
  if (!cause) fail('HELPER_FAILED', {}, detail || `It ended with ${status}.`)
  const { by, line, reason } = cause
  if (reason === 'nobody-to-ask' || reason === 'password-needed' || reason === 'terminal-needed')
    fail('NO_WAY_TO_ROOT', { command, said: line, by }, detail)
  if (reason === 'unusable' || reason === 'program-missing')
    fail('ROOT_WAY_BROKEN', { command, said: line, by }, detail)
  return fail('NOT_AUTHORISED', { command, said: line, by }, detail)
}

/** What a person can run as root instead. */
function commandByHand(program: string, request: HelperRequest): string {
  const isSudoHere = findInstallation().waysToRoot.some(({ by }) => by === 'sudo')
  return `printf %s ${shellWord(JSON.stringify(request))} | ${isSudoHere ? 'sudo ' : ''}${shellWord(program)}`
}

/** Unprivileged mode: the person runs the exact command as root and pastes what it prints. */
async function runByHand(
  program: string,
  request: HelperRequest,
  ask: Ask | undefined,
): Promise<ProgramResult> {
  const command = commandByHand(program, request)
  if (!ask) fail('NO_WAY_TO_ROOT', { command })
  for (let again = false; ; again = true) {
    const answer = await ask({ kind: 'run-as-root', command, again })
    if (answer.kind !== 'text') fail('NO_WAY_TO_ROOT', { command })
    if (findResult(answer.text)) return { status: 0, stdout: answer.text, stderr: '', ended: 'exit' }
  }
}

function findResult(stdout: string): HelperResult | undefined {
  return linesOf(stdout).find((line) => line.type === 'result')
}

function linesOf(stdout: string): HelperLine[] {
  return stdout.split('\n').flatMap((line) => parseLine(line.trim()) ?? [])
}

/** What the program said, or, when it said nothing of its own, what became of the way to root. */
function toResult(program: string, request: HelperRequest, ran: ProgramResult): HelperResult {
  if (ran.ended === 'cancelled') fail('CANCELLED')
  if (ran.ended === 'timed-out') fail('TIMED_OUT', {}, `The helper did not finish: ${request.op}`)
  const hello = linesOf(ran.stdout).find((line) => line.type === 'hello')
  const result = findResult(ran.stdout)
  if (result?.code === 'OK') return result
  const isOtherVersion = hello !== undefined && hello.protocol !== protocolVersions.helper
  const isNotUnderstood = result
    ? result.reason === 'grammar' || result.reason === 'not-json'
    : ran.stdout.includes('"type":"result"')
  if (isOtherVersion && isNotUnderstood) {
    const detail = result?.detail ?? cleanText(ran.stderr)
    fail('HELPER_OUTDATED', { helper: hello.version, command: installCommand }, detail)
  }
  if (result) throw new FailureError(failureOfHelper(request, result))
  if (ran.stdout === '') failUnheard(ran, commandByHand(program, request))
  return fail('HELPER_FAILED', {}, cleanText(ran.stderr) || `It ended with ${ran.status}.`)
}

function parseLine(line: string): HelperLine | undefined {
  try {
    const parsed = v.safeParse(HelperLine, JSON.parse(line))
    return parsed.success ? parsed.output : undefined
  } catch {
    // Whatever is no line of the protocol is passed over; a reply that is missing is a failure of its own.
    return undefined
  }
}
