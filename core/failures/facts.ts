import type { Failure } from '../../contract/failure'
import { cleanLine } from '../text/clean-text'
import { shellWord } from '../text/shell-quote'

/**
 * What a button under a failure does: `retry` the same, `edit` what was typed, `copy-command` puts
 * `text` on the clipboard, `show-builder` opens its page, `look-again` reads this computer anew.
 */
export type FailureActionKind = 'retry' | 'edit' | 'copy-command' | 'show-builder' | 'look-again'

export interface FailureAction {
  readonly label: string
  readonly kind: FailureActionKind
  /** The command to copy. */
  readonly text?: string
}

/** A failure as a person reads it: what happened, why that is likely, what to do. */
export interface FailureWords {
  readonly title: string
  readonly cause: string
  readonly remedy: string
  readonly action?: FailureAction
}

export type WordsFor = (say: Saying) => FailureWords

/** The facts of one failure, cleaned and with fall-backs, so that every sentence is whole without them. */
export interface Saying {
  /** `anna`, or `the builder`. */
  readonly builder: string
  /** The same where a sentence begins. */
  readonly Builder: string
  readonly host: string
  readonly Host: string
  /** A login that a person can type: `ssh -p 2222 admin@otto.lan`. */
  readonly ssh: string
  has(name: string): boolean
  fact(name: string, fallback: string): string
  /** A fact as one shell word. */
  word(name: string, fallback: string): string
}

export const retry: FailureAction = { label: 'Try again', kind: 'retry' }
export const edit: FailureAction = { label: 'Change what you typed', kind: 'edit' }
export const showBuilder: FailureAction = { label: 'Show the builder', kind: 'show-builder' }
export const lookAgain: FailureAction = { label: 'Look again', kind: 'look-again' }

export function copyCommand(text: string): FailureAction {
  return { label: 'Copy the command', kind: 'copy-command', text }
}

export function sayingOf({ facts }: Failure): Saying {
  // A command is copied whole or it is worse than none.
  const value = (name: string) =>
    Object.hasOwn(facts, name) ? cleanLine(facts[name] ?? '', name === 'command' ? 4096 : 200) : ''
  const fact = (name: string, fallback: string) => value(name) || fallback
  const word = (name: string, fallback: string) => (value(name) ? shellWord(value(name)) : fallback)
  const builder = value('builder') || value('id')
  const host = value('host')
  return {
    builder: builder || 'the builder',
    Builder: builder || 'The builder',
    host: host || 'the machine',
    Host: host || 'The machine',
    ssh: sshCommand(value('user'), host, value('port')),
    has: (name) => value(name) !== '',
    fact,
    word,
  }
}

function sshCommand(user: string, host: string, port: string): string {
  const target = host
    ? shellWord(`${user ? `${user}@` : ''}${host}`)
    : `${user ? shellWord(user) : 'USER'}@HOST`
  return `ssh ${port && port !== '22' ? `-p ${shellWord(port)} ` : ''}${target}`
}
