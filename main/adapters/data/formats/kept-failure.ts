import * as v from 'valibot'

/** A failure among the person's data; its code may be of another version. */
export const KeptFailure = v.object({
  code: v.string(),
  facts: v.record(v.string(), v.string()),
  detail: v.exactOptional(v.string()),
  step: v.exactOptional(v.string()),
})
