import type { Reply } from '../../contract/failure'
import { createFailure, type KnownFailure } from '../failures/failure'
import { failureOfScript } from '../failures/from-outside'
import { cleanText } from '../text/clean-text'
import { type ScriptResult, silence } from './inspect'
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
  /** What its Nix daemon has not read, where it could not be restarted: the script's word for why, and what was said. */
  readonly unrestarted?: string
}

/** What a person is told of what stays on a machine after all else was taken back. */
export function leftThere({ left, unrestarted }: RemoteOutcome, host: string): string[] {
  const daemon = `The Nix daemon on ${host} has not read what was taken back, because it could not be restarted`
  return [
    ...left.map((path) => `On ${host}: ${path}`),
    ...(unrestarted === undefined ? [] : [`${daemon} (${unrestarted}). Restart it there.`]),
  ]
}

/** A line of a running script; undefined for everything that is no step. */
export function parseStep(line: string, nonce: string): RemoteStep | undefined {
  const ours = parseReportLine(line, nonce)
  const [, name, state] = (ours?.word === 'step' && /^([a-z]+) (start|done)$/.exec(ours.rest)) || []
  return name ? { name, state: state === 'done' ? 'done' : 'start' } : undefined
}

/**
 * Judges a finished run. Only its own last word counts as success: a connection that broke, or a shell that
 * never ran the script, may well end with status 0.
 */
export function parseOutcome(result: ScriptResult, nonce: string): Reply<RemoteOutcome, KnownFailure> {
  const { lines, noise } = parseReport(result.stdout, nonce)
  const rests = (word: string) => lines.filter((line) => line.word === word).map(({ rest }) => rest)
  const step = rests('step').at(-1)?.split(' ')[0] ?? 'start'
  const [error] = rests('error')
  if (error !== undefined) {
    const [name = '', ...words] = error.split(' ')
    return { ok: false, failure: failureOfScript({ name, text: words.join(' '), step }) }
  }
  if (result.code === 0 && lines.at(-1)?.word === 'done') {
    const [unrestarted] = rests('unrestarted')
    const left = { left: rests('left'), kept: rests('kept').length > 0 }
    return { ok: true, value: unrestarted === undefined ? left : { ...left, unrestarted } }
  }
  const said = cleanText(result.stderr || noise, 4096)
  return { ok: false, failure: createFailure('REMOTE_SCRIPT_FAILED', { step, ...silence(said) }, said) }
}
