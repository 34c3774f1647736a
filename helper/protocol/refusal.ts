import type { HelperCode, HelperReason, Said } from '../../contract/helper'

/** Ends an operation with a result other than OK. Thrown before anything is changed, or after it is undone. */
export class Refusal extends Error {
  constructor(
    readonly code: Exclude<HelperCode, 'OK'>,
    readonly reason: HelperReason | undefined,
    /** One sentence and, where a program said it, its capped output. */
    readonly detail: string,
    /** The line of it that gives the reason. */
    readonly said?: Said,
  ) {
    super(detail)
  }
}
