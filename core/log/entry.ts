import * as v from 'valibot'
import type { CommandName, JobKind } from '../../contract/commands'
import { BuilderId } from '../../contract/grammar'
import type { JobView } from '../../contract/job'
import type { FailureCode } from '../failures/rows'
import type { StepName } from '../jobs/kinds'

/** All that the log can say, and how much each matters. What is not in this list cannot be logged. */
export const logEvents = {
  'app-started': 'info',
  'app-ended': 'info',
  'job-started': 'info',
  'job-ended': 'info',
  'command-refused': 'info',
  'undo-failed': 'warn',
  'cleanup-failed': 'warn',
  'receipt-not-kept': 'warn',
  'receipts-not-read': 'warn',
  'system-not-read-after-job': 'warn',
  'substituters-not-synced': 'warn',
  'signing-not-noted': 'warn',
  'pauses-not-ended': 'warn',
  'builders-not-reinstated': 'warn',
  'series-not-written': 'warn',
  'finished-builds-not-written': 'warn',
  'told-not-written': 'warn',
  'builds-watch-ended': 'error',
  'renderer-gone': 'error',
  'renderer-replaced': 'info',
  'renderer-given-up': 'error',
  'renderer-unresponsive': 'warn',
  'renderer-responsive': 'info',
  'child-process-gone': 'error',
  'uncaught-exception': 'error',
  'unhandled-rejection': 'error',
} as const satisfies Record<string, 'info' | 'warn' | 'error'>
export type LogEvent = keyof typeof logEvents

/** The names under which an error is logged: those of the language, and what a system call says (errno(3)). */
export const errorNames = [
  ...(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'ValiError'] as const),
  ...([
    'EACCES',
    'EAGAIN',
    'EBUSY',
    'ECONNREFUSED',
    'ECONNRESET',
    'EDQUOT',
    'EEXIST',
    'EINVAL',
    'EIO',
  ] as const),
  ...(['EISDIR', 'ELOOP', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOMEM', 'ENOSPC', 'ENOTDIR', 'ENOTEMPTY'] as const),
  ...(['EPERM', 'EPIPE', 'EROFS', 'ETIMEDOUT', 'EXDEV'] as const),
] as const

/** A place in our own code or in Node's: a file without its folder, line and column. */
export const codeFrame = /^(node:[\w/]{1,60}|[\w.-]{1,60}\.[cm]?[jt]s):\d{1,7}:\d{1,7}$/

const word = v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z -]{0,40}$/))
const whole = v.pipe(v.number(), v.integer())

/**
 * The form of each field. There is none for free text: neither a failure's detail nor anything that a person types
 * has a place in the log.
 */
const forms = {
  version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+(-[a-z0-9.]{1,20})?$/)),
  job: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)),
  kind: word,
  builder: BuilderId,
  state: word,
  step: word,
  command: word,
  code: v.pipe(v.string(), v.regex(/^[A-Z][A-Z_]{1,40}$/)),
  error: v.picklist(errorNames),
  process: word,
  reason: word,
  exitCode: whole,
  ms: whole,
  at: v.array(v.pipe(v.string(), v.regex(codeFrame))),
} satisfies Record<keyof LogFields, v.GenericSchema>

/** What may stand beside an event: codes, ids, numbers, and places in our own code. */
export interface LogFields {
  readonly version?: string
  readonly job?: string
  readonly kind?: JobKind
  readonly builder?: string
  readonly state?: JobView['state']
  readonly step?: StepName
  readonly command?: CommandName
  readonly code?: FailureCode
  readonly error?: (typeof errorNames)[number]
  /** Electron's name for a process that is gone, and why it is. */
  readonly process?: string
  readonly reason?: string
  readonly exitCode?: number
  readonly ms?: number
  /** `chunk-app.js:12:34`, innermost first. */
  readonly at?: readonly string[]
}

/** One line of the log: `TIME LEVEL EVENT key=value …`. A value without the form of its field is left out as `?`. */
export function logLine(atMs: number, event: LogEvent, fields: LogFields = {}): string {
  const shown = Object.entries(forms).flatMap(([name, form]) => {
    const value = fields[name as keyof LogFields]
    return value === undefined ? [] : [`${name}=${v.is(form, value) ? textOf(value) : '?'}`]
  })
  return [new Date(atMs).toISOString(), logEvents[event], event, ...shown].join(' ')
}

const textOf = (value: string | number | readonly string[]) => String(value).replaceAll(' ', '-')

/** Notes one event; never throws, and never waits. */
export type WriteLog = (event: LogEvent, fields?: LogFields) => void
