import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import type * as v from 'valibot'
import type { HelperLine, HelperRequest, HelperResult } from '../contract/helper'
import { protocolVersions } from '../contract/version'
import { version } from '../package.json'
import type { OperationResult, Operations } from './operations/operation'
import { parseRequest, readInput } from './protocol/input'
import { Refusal } from './protocol/refusal'
import { audit } from './system/audit'
import { checkOwnInstall } from './system/self-check'
import { thisSystem } from './system/system'

/** One request in, NDJSON out, exit status 0 for OK and 1 for the rest. What both executables do. */
export async function runHelper<R extends HelperRequest>(
  schema: v.GenericSchema<unknown, R>,
  operations: Operations<R>,
): Promise<void> {
  process.umask(0o077)
  process.chdir('/')
  const system = thisSystem()
  const transaction = randomBytes(8).toString('hex')
  const euid = process.geteuid?.() ?? -1
  write({ type: 'hello', transaction, euid, version, protocol: protocolVersions.helper })
  let request: R | undefined
  const result = await settle(async () => {
    if (process.argv.length !== 2) throw new Refusal('INVALID', 'grammar', 'No arguments are taken.')
    if (euid === 0) checkOwnInstall(system, [process.argv[1] ?? '', process.execPath])
    request = parseRequest(schema, await readInput(process.stdin))
    if (euid !== 0 && request.op !== 'status')
      throw new Refusal('UNSUPPORTED', 'not-root', 'Only root can do that.')
    const context = { system, step: (name: string) => write({ type: 'step', name }) }
    return await perform(operations, request, context)
  })
  if (euid === 0 && request?.op !== 'status') audit(system, transaction, request, result)
  write(result)
  process.exit(result.code === 'OK' ? 0 : 1)
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

function resultOf(error: unknown): HelperResult {
  if (error instanceof Refusal) {
    const { code, reason, detail } = error
    return { type: 'result', code, ...(reason ? { reason } : {}), detail }
  }
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'internal'
  return { type: 'result', code: 'NEEDS_ATTENTION', reason, detail: message }
}

/** A caller that went away is no reason to stop halfway. */
function write(line: HelperLine): void {
  try {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
  } catch {
    // nobody reads it
  }
}
