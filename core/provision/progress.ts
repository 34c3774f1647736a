import type { Failure, FailureCode, Reply } from '../../contract/failure'
import { cleanText } from '../text/clean-text'
import type { ScriptResult } from './inspect'
import { parseReport, parseReportLine } from './report'

/** A step of `provision.sh` or `unprovision.sh`, as it happens. */
export interface RemoteStep {
  readonly name: string
  readonly state: 'start' | 'done'
}

/** What stands at the end of a script that went through. */
export interface RemoteOutcome {
  /** Folders that hold somebody else's files, and so were not removed. */
  readonly left: readonly string[]
  /** Another installation of Millwright builds there: only this one's keys went. */
  readonly kept: boolean
}

/** A line of a running script; undefined for everything that is no step. */
export function parseStep(line: string, nonce: string): RemoteStep | undefined {
  const ours = parseReportLine(line, nonce)
  const [, name, state] = (ours?.word === 'step' && /^([a-z]+) (start|done)$/.exec(ours.rest)) || []
  return name ? { name, state: state === 'done' ? 'done' : 'start' } : undefined
}

/** The words after `error CODE` are a path, a reason, or what a program said. */
const errors = new Map<string, (words: string) => Omit<Failure, 'step'>>([
  ['disk-full', (path) => ({ code: 'REMOTE_DISK_FULL', facts: { path } })],
  ['sshd-refuses', (reason) => ({ code: 'REMOTE_SSHD_REFUSES', facts: { reason } })],
  ['not-root', (user) => ({ code: 'SUDO_NOT_ALLOWED', facts: { user } })],
  ['no-useradd', (detail) => ({ code: 'REMOTE_SYSTEM_UNSUPPORTED', facts: {}, detail })],
  ['builds-running', () => ({ code: 'BUILDS_RUNNING', facts: {} })],
  ['nix-conf', (detail) => ({ code: 'REMOTE_NIX_CONF_BROKEN', facts: {}, detail })],
])

/**
 * Judges a finished run. Only its own last word counts as success: a connection that broke, or a shell that
 * never ran the script, may well end with status 0.
 */
export function parseOutcome(result: ScriptResult, nonce: string): Reply<RemoteOutcome> {
  const { lines, noise } = parseReport(result.stdout, nonce)
  const rests = (word: string) => lines.filter((line) => line.word === word).map(({ rest }) => rest)
  const step = rests('step').at(-1)?.split(' ')[0] ?? 'start'
  const [error] = rests('error')
  if (error !== undefined) {
    const [name = '', ...words] = error.split(' ')
    const text = words.join(' ')
    const failure = errors.get(name)?.(text) ?? scriptFailed(step, `${name}: ${text}`)
    return { ok: false, failure }
  }
  if (result.code === 0 && lines.at(-1)?.word === 'done') {
    return { ok: true, value: { left: rests('left'), kept: rests('kept').length > 0 } }
  }
  return { ok: false, failure: scriptFailed(step, cleanText(result.stderr || noise, 4096)) }
}

function scriptFailed(step: string, detail: string): Failure {
  const code: FailureCode = 'REMOTE_SCRIPT_FAILED'
  return { code, facts: { step }, ...(detail === '' ? {} : { detail }) }
}
