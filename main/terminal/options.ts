import { type Command, InvalidArgumentError } from 'commander'
import * as v from 'valibot'
import * as g from '../../contract/grammar'
import type { PresetAnswers } from './answer-question'
import type { Io } from './io'

/** A commander argument parser that holds a value to a grammar of the contract. */
export function grammar<S extends v.GenericSchema>(schema: S, what: string) {
  return (text: string): v.InferOutput<S> => parse(schema, text, what)
}

/** The same for a whole number. */
export function wholeNumber<S extends v.GenericSchema>(schema: S, what: string) {
  return (text: string): v.InferOutput<S> => parse(schema, /^\d{1,6}$/.test(text) ? Number(text) : text, what)
}

/** The same for a list with commas. */
export function list<S extends v.GenericSchema>(schema: S, what: string) {
  return (text: string): v.InferOutput<S> => parse(schema, text.split(',').filter(Boolean), what)
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success) throw new InvalidArgumentError(`This is not ${what}.`)
  return parsed.output
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `15m`, `1h`, `2d` in ms, for commander. */
export function duration<S extends v.GenericSchema>(schema: S, what: string) {
  return (text: string): v.InferOutput<S> => {
    const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
    return parse(schema, count ? Number(count) * unitsMs[unit as keyof typeof unitsMs] : text, what)
  }
}

export interface LoginOptions {
  readonly passwordStdin?: boolean
  readonly sudoPasswordStdin?: boolean
  readonly acceptHostKey?: string
  readonly trustNewHostKey?: boolean
  readonly yes?: boolean
}

/** The options that answer questions beforehand. */
export function withLoginOptions(command: Command): Command {
  return command
    .option('--password-stdin', 'read the login password from the first line of stdin')
    .option('--sudo-password-stdin', 'read the sudo password from the next line of stdin')
    .option(
      '--accept-host-key <SHA256:…>',
      'the fingerprint to expect',
      grammar(g.Fingerprint, 'a SHA256 fingerprint'),
    )
    .option('--trust-new-host-key', 'accept an unknown host key unseen (a changed one never)')
    .option('--yes', 'consent to the plan, a trusted user, and a key file where there is no keychain')
}

/** Reads the secrets that were promised on stdin; one line each, the login password first. */
export async function presetAnswers(options: LoginOptions, io: Io): Promise<PresetAnswers> {
  const wanted = [options.passwordStdin, options.sudoPasswordStdin].some(Boolean)
  const lines = wanted ? (await io.readInput()).split(/\r?\n/) : []
  const password = options.passwordStdin ? lines.shift() : undefined
  const sudoPassword = options.sudoPasswordStdin ? lines.shift() : undefined
  return {
    yes: options.yes ?? false,
    trustNewHostKey: options.trustNewHostKey ?? false,
    ...(options.acceptHostKey === undefined ? {} : { acceptHostKey: options.acceptHostKey }),
    ...(password === undefined ? {} : { password }),
    ...(sudoPassword === undefined ? {} : { sudoPassword }),
  }
}
