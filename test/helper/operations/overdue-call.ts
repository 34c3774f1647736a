import * as v from 'valibot'
import { runHelper } from '../../../helper/run-helper'

/** A program whose one operation never ends, for a test of what ends it. */
void runHelper({
  schema: v.strictObject({ op: v.literal('status') }),
  operations: { status: () => new Promise(() => undefined) },
  log: 'helper.log',
  lockedMs: 60_000,
  bounds: { status: { longestMs: 300, counter: 'readings', oneAtATime: 'reading' } },
})
