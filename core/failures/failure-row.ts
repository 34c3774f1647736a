import type { HelperCode, HelperReason, HelperRequest, Said } from '../../contract/helper'
import { cleanLine } from '../text/clean-text'
import type { FailureWords } from './failure-words'

/** Whether whoever raises the failure has to know a fact, or may. */
type FactKind = 'required' | 'optional'
type FactSpecs = Readonly<Record<string, FactKind>>
type NamesOf<F extends FactSpecs, K extends FactKind> = {
  [N in keyof F]: F[N] extends K ? N : never
}[keyof F]

/** What the words of a row may read: the facts that it declares and no others, cleaned, never empty. */
type FailureFacts<F extends FactSpecs> = {
  readonly [N in NamesOf<F, 'required'>]: string
} & { readonly [N in NamesOf<F, 'optional'>]: string | undefined }

/** Known to whole flows, which add them to any failure; words read them only where the row declares them. */
export interface FlowFacts {
  readonly builder?: string
  readonly host?: string
  readonly user?: string
  readonly port?: string
  /** What of the person’s SSH configuration was left out on the way there. */
  readonly notFollowed?: string
}

/** What has to be, and what may be, given with a failure of a row. */
export type GivenFacts<F extends FactSpecs> = Flat<
  { readonly [N in NamesOf<F, 'required'>]: string } & {
    readonly [N in NamesOf<F, 'optional'>]?: string
  } & Omit<FlowFacts, NamesOf<F, 'required'>>
>
type Flat<T> = { [K in keyof T]: T[K] }

/** The names under which a failure comes from outside; a row that requires facts has to take them from what was said. */
type Source<Name, Said, F extends FactSpecs> = {
  readonly names: readonly Name[]
} & (object extends GivenFacts<F>
  ? { readonly facts?: (said: Said) => GivenFacts<F> }
  : { readonly facts: (said: Said) => GivenFacts<F> })

/** How root's helper refused. The builder and the host of the request become facts by themselves. */
export interface HelperSaid {
  readonly request: HelperRequest
  readonly detail: string
  readonly said?: Said | undefined
}

/** `error NAME TEXT` of a script on a builder, in the step it had begun. */
export interface ScriptSaid {
  readonly name: string
  readonly text: string
  readonly step: string
}

/** Exit statuses of the terminal by name; the numbers stand in `main/terminal/io.ts`. */
export type ExitName = 'failed' | 'usage' | 'answerNeeded' | 'notAuthorised' | 'cancelled'

interface Traits {
  /** How the terminal ends with it; `failed` unless told. */
  readonly exit?: ExitName
  /** What it says of the builder that it is about; no more than that a person is needed, unless told. */
  readonly builderIs?: 'unreachable' | 'refused' | 'nix-broken'
}

interface RowInput<F extends FactSpecs> extends Traits {
  readonly facts?: F
  readonly helper?: Source<HelperCode | HelperReason, HelperSaid, F>
  /** The text is the detail, unless `facts` takes it. */
  readonly script?: Source<string, ScriptSaid, F> & { readonly detail?: (said: ScriptSaid) => string }
  readonly words: (facts: FailureFacts<F>) => FailureWords
}

interface ErasedSource<Said> {
  readonly names: readonly string[]
  readonly facts?: (said: Said) => Readonly<Record<string, string>>
}

/** All that Millwright knows of one failure. */
interface FailureRow<F extends FactSpecs> extends Traits {
  readonly facts: F
  readonly helper?: ErasedSource<HelperSaid>
  readonly script?: ErasedSource<ScriptSaid> & { readonly detail?: (said: ScriptSaid) => string }
  /** Undefined when a required fact is missing, which only a failure from another version can lack. */
  readonly wordsOf: (given: Readonly<Record<string, string>>) => FailureWords | undefined
}

/** One row: its words read what it declares, and each source gives what it requires, or it does not compile. */
export function failureRow<const F extends FactSpecs = Readonly<Record<never, FactKind>>>({
  facts,
  words,
  ...rest
}: RowInput<F>): FailureRow<F> {
  // Without `facts` F is the empty record.
  const specs = facts ?? ({} as F)
  return {
    ...rest,
    facts: specs,
    wordsOf: (given) => {
      const clean = cleanFacts(specs, given)
      return clean && words(clean)
    },
  }
}

function cleanFacts<F extends FactSpecs>(
  specs: F,
  given: Readonly<Record<string, string>>,
): FailureFacts<F> | undefined {
  const clean = Object.keys(specs).map((name): [string, string | undefined] => [
    name,
    (Object.hasOwn(given, name) && cleanLine(given[name] ?? '', longest(name))) || undefined,
  ])
  const isWhole = clean.every(([name, value]) => value !== undefined || specs[name] === 'optional')
  return isWhole ? (Object.fromEntries(clean) as FailureFacts<F>) : undefined
}

/** A command is copied whole or it is worse than none. */
const longest = (name: string) => (name === 'command' ? 4096 : 200)
