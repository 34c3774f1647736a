import { shellWord } from '../text/shell-quote'

/**
 * What a button under a failure does: `retry` the same, `edit` what was typed, `copy-command` puts
 * `text` on the clipboard, `resume` resumes the builder, which puts lost lines back, `show-builder` opens its page, `look-again` reads this computer anew.
 */
type FailureActionKind = 'resume' | 'retry' | 'edit' | 'copy-command' | 'show-builder' | 'look-again'

interface FailureAction {
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

export const retry: FailureAction = { label: 'Try again', kind: 'retry' }
export const edit: FailureAction = { label: 'Change what you typed', kind: 'edit' }
export const showBuilder: FailureAction = { label: 'Show the builder', kind: 'show-builder' }
export const lookAgain: FailureAction = { label: 'Look again', kind: 'look-again' }

export function copyCommand(text: string): FailureAction {
  return { label: 'Copy the command', kind: 'copy-command', text }
}

/** Facts to spread into those that a row declares: on which machine it happened, as far as the flow knows. */
export const onMachine = { builder: 'optional', host: 'optional' } as const

/** The same with what it takes to log in there. */
export const atLogin = { ...onMachine, user: 'optional', port: 'optional' } as const

interface Login {
  readonly host: string
  readonly user?: string | undefined
  readonly port?: string | undefined
}

/** A login that a person can type: `ssh -p 2222 admin@otto.lan`. */
export function sshCommand({ host, user, port }: Login): string {
  return `ssh ${port && port !== '22' ? `-p ${shellWord(port)} ` : ''}${shellWord(user ? `${user}@${host}` : host)}`
}

type Place = { readonly [N in keyof typeof atLogin]?: string | undefined }

/** The machine by its address, else by the builder's name, else in general. */
export function machine({ host, builder }: Place, otherwise = 'the machine'): string {
  return host ?? builder ?? otherwise
}

/** The builder by its name, else by its address, else in general. */
export function builderName({ builder, host }: Place, otherwise = 'the builder'): string {
  return builder ?? host ?? otherwise
}

/** A sentence that ends in the login, where it is known: a command with a gap in it helps nobody. */
export function withLogin(sentence: string, { host, user, port }: Place, command = ''): string {
  return host === undefined ? '' : `${sentence}${sshCommand({ host, user, port })}${command}`
}

/** What a program said, word for word; who it was, where that is known. */
export function quote(said: string, by = 'What was said'): string {
  return `${by}: “${said}”.`
}

/** What may have said otherwise, where something of the person's SSH configuration was not followed. */
export function leftOut(notFollowed: string | undefined): string {
  return notFollowed === undefined
    ? ''
    : ` Not followed of your SSH configuration, which may be why: ${notFollowed}. Millwright runs no command from it.`
}
