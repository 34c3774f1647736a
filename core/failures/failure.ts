import type { Failure } from '../../contract/failure'
import type { ExitName, FlowFacts, GivenFacts } from './failure-row'
import { type FailureCode, failureCodes, failureRows, isFailureCode } from './rows'

/** The facts that a failure may carry; of several codes, what all of them require. */
export type FactsOf<C extends FailureCode> = {
  [K in C]: (facts: GivenFacts<(typeof failureRows)[K]['facts']>) => void
}[C] extends (facts: infer Facts) => void
  ? Facts
  : never

/** A failure of this version: a literal of it is checked against its row. */
export type KnownFailure = {
  [C in FailureCode]: {
    readonly code: C
    readonly facts: FactsOf<C>
    readonly detail?: string
    readonly step?: string
  }
}[FailureCode]

/** Refuses facts that no row declares also where they come in by a spread, which TypeScript lets pass. */
export type Exactly<Facts, Wanted> = Facts & { readonly [N in Exclude<keyof Facts, keyof Wanted>]: never }

/** A failure as data; an empty detail is none. */
export function createFailure<C extends FailureCode, Facts extends FactsOf<C>>(
  code: C,
  facts: Exactly<Facts, FactsOf<C>>,
  detail?: string,
): KnownFailure {
  return assembleFailure(code, facts, detail)
}

/** The same for facts that the types of a row have checked before they came here. */
export function assembleFailure(code: FailureCode, facts: object, detail?: string): KnownFailure {
  return { code, facts, ...(detail ? { detail } : {}) } as KnownFailure
}

/** What the flow knows beside what the failure says itself. */
export function withFlowFacts<F extends KnownFailure>(failure: F, facts: FlowFacts): F {
  return { ...failure, facts: { ...facts, ...failure.facts } }
}

/** Whether it is one of these; `includes` would take only a code that is known already. */
export function isOneOf({ code }: Pick<Failure, 'code'>, codes: readonly FailureCode[]): boolean {
  return (codes as readonly string[]).includes(code)
}

/** Failures that say no more than that nobody answers there. */
export const unreachableCodes = failureCodes.filter((code) => failureRows[code].builderIs === 'unreachable')

/** How root's own handshake fails when it is the builder's doing; that it is locked out is ours. */
export const builderFailureCodes = failureCodes.filter(
  (code) => failureRows[code].builderIs !== undefined && code !== 'QUARANTINED',
)

/** What a failure says of the builder that it is about; undefined: no more than that a person is needed. */
export function builderIs({ code }: Pick<Failure, 'code'>) {
  return isFailureCode(code) ? failureRows[code].builderIs : undefined
}

/** How the terminal ends with it. */
export function exitName({ code }: Pick<Failure, 'code'>): ExitName {
  return (isFailureCode(code) ? failureRows[code].exit : undefined) ?? 'failed'
}
