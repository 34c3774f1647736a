import * as v from 'valibot'
import { AddOptions } from '../../contract/commands'

/** What is typed into the Add sheet, before it means anything. */
export interface AddForm {
  readonly address: string
  readonly id: string
  readonly identityFile: string
  readonly protocol: '' | 'ssh-ng' | 'ssh'
  readonly wrapper: string
  readonly systems: readonly string[]
  readonly supportedFeatures: readonly string[]
  readonly mandatoryFeatures: readonly string[]
  readonly maxJobs: string
  readonly speedFactor: string
}
export type OptionName = Exclude<keyof AddForm, 'address'>

export const emptyForm: AddForm = {
  address: '',
  id: '',
  identityFile: '',
  protocol: '',
  wrapper: '',
  systems: [],
  supportedFeatures: [],
  mandatoryFeatures: [],
  maxJobs: '',
  speedFactor: '',
}

export type ReadOptions =
  | { readonly ok: true; readonly options: AddOptions }
  | { readonly ok: false; readonly errors: Partial<Record<OptionName, string>> }

const errors: Record<OptionName, string> = {
  id: 'Up to 32 lower-case letters, digits and dashes, beginning with a letter.',
  identityFile: 'This path is too long.',
  protocol: 'Either ssh-ng or ssh.',
  wrapper: 'The name of a program, without a folder.',
  systems: 'Up to 16 names such as x86_64-linux.',
  supportedFeatures: 'Up to 32 names of letters, digits, dot, plus, dash and underscore.',
  mandatoryFeatures: 'Up to 32 names of letters, digits, dot, plus, dash and underscore.',
  maxJobs: 'A whole number from 1 to 1024.',
  speedFactor: 'A whole number from 1 to 1000.',
}

/** The options that were typed; what was left empty is for Millwright to find out. */
export function readOptions(draft: AddForm): ReadOptions {
  const { address: _, maxJobs, speedFactor, ...texts } = draft
  const given = Object.entries(texts).filter(([, value]) => value.length > 0)
  const numbers = Object.entries({ maxJobs, speedFactor })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name, Number(value)])
  const parsed = v.safeParse(AddOptions, Object.fromEntries([...given, ...numbers]))
  if (parsed.success) return { ok: true, options: parsed.output }
  const wrong = parsed.issues.map((issue) => issue.path?.[0].key).filter(isOptionName)
  return { ok: false, errors: Object.fromEntries(wrong.map((name) => [name, errors[name]])) }
}

const isOptionName = (key: unknown): key is OptionName => typeof key === 'string' && key in errors
