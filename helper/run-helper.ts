import { randomBytes } from 'node:crypto'
import type * as v from 'valibot'
import type { HelperRequest, HelperResult } from '../contract/helper'
import { protocolVersions } from '../contract/version'
import { version } from '../package.json'
import type { AuditLog } from './audit/audit-log'
import { createTrail } from './audit/trail'
import type { OperationResult, Operations } from './operations/operation'
import type { Bound } from './operations/switch-bounds'
import { parseRequest, readInput } from './protocol/input'
import { openOutput } from './protocol/output'
import { Refusal } from './protocol/refusal'
import { resultOf } from './protocol/result-of'
import { guardBeside } from './system/guard'
import { letIn } from './system/places'
import { killAllRunning } from './system/process'
import { resetScheduling } from './system/scheduling'
import { checkOwnInstall } from './system/self-check'
import { thisSystem } from './system/system'

/** How long the result is waited for where the lock is still held: nobody else can do anything meanwhile. */
const lastWordUnderLockMs = 1000
/** Of a terminal that stops what runs in it (termios(3)), as it would stop the helper with the lock in its hand. */
const stops = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const

export interface Program<R extends HelperRequest> {
  readonly schema: v.GenericSchema<unknown, R>
  readonly operations: Operations<R>
  readonly log: AuditLog
  /** The longest that a call may hold the lock; then it ends wherever it is, as if it were killed. */
  readonly lockedMs: number
  /** Of a program that polkit lets be called without a password. */
  readonly bounds?: Readonly<Record<R['op'], Bound>>
}

/**
 * One request in, NDJSON out, exit status 0 for OK and 1 for the rest. What both executables do. Whatever happens, the
 * last line is the one result.
 */
export async function runHelper<R extends HelperRequest>(program: Program<R>): Promise<void> {
  const output = openOutput(1)
  const transaction = randomBytes(8).toString('hex')
  const euid = process.geteuid?.() ?? -1
  let request: R | undefined
  let trail: ReturnType<typeof createTrail> | undefined
  let isEnding = false
  const end = (result: HelperResult, waitMs?: number): void => {
    if (isEnding) return
    isEnding = true
    killAllRunning()
    const isNoted = euid === 0 && !(request && isReading(request))
    output.finish(
      isNoted ? (trail ?? createTrail(thisSystem(), program.log, transaction)).end(result) : result,
      waitMs,
    )
    process.exit(result.code === 'OK' ? 0 : 1)
  }
  process.on('uncaughtException', (error) => end(resultOf(error), lastWordUnderLockMs))
  for (const signal of stops) process.on(signal, () => undefined)
  process.removeAllListeners('warning') // a line on stderr is a write that may wait

  output.say({ type: 'hello', transaction, euid, version, protocol: protocolVersions.helper })
  const endOverdue = (limitMs: number) =>
    end(resultOf(new Refusal('NEEDS_ATTENTION', 'internal', overdue(limitMs))), lastWordUnderLockMs)
  end(
    await settle(async () => {
      process.umask(0o077)
      process.chdir('/')
      const own = process.argv[1] ?? ''
      const system = { ...thisSystem(), guard: guardBeside(own, thisSystem()) }
      if (process.argv.length !== 2) throw new Refusal('INVALID', 'grammar', 'No arguments are taken.')
      if (euid === 0) checkOwnInstall(system, [own, process.execPath])
      if (euid === 0) resetScheduling()
      if (program.bounds) await letIn(system)
      request = parseRequest(program.schema, await readInput(process.stdin))
      if (euid !== 0 && !isReading(request))
        throw new Refusal('UNSUPPORTED', 'not-root', 'Only root can do that.')
      const longestMs = program.bounds?.[request.op as R['op']].longestMs
      if (longestMs !== undefined) setTimeout(endOverdue, longestMs, longestMs)
      trail = createTrail(system, program.log, transaction, request)
      const context = {
        system,
        step: (name: string) => output.say({ type: 'step', name }),
        trail,
        hold: { limitMs: program.lockedMs, onOverdue: () => endOverdue(program.lockedMs) },
      }
      return await perform(program.operations, request, context)
    }),
  )
}

function overdue(limitMs: number): string {
  return `It was not done after ${limitMs / 1000} s, so it was ended. The next call finishes or takes back what it began.`
}

/** What changes nothing may be asked by anyone, and leaves no entry. */
function isReading({ op }: HelperRequest): boolean {
  return op === 'status' || op === 'read-daemon'
}

function perform<R extends HelperRequest>(
  operations: Operations<R>,
  request: R,
  context: Parameters<Operations<R>[R['op']]>[0],
): Promise<OperationResult> {
  const operation = operations[request.op as R['op']]
  return operation(context, request as Extract<R, { op: R['op'] }>)
}

async function settle(action: () => Promise<OperationResult>): Promise<HelperResult> {
  try {
    return { type: 'result', code: 'OK', ...(await action()) }
  } catch (error) {
    return resultOf(error)
  }
}
