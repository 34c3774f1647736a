import * as v from 'valibot'
import { failureCodes } from '../../../../core/failures/rows'

/** A failure among the person's data. One of a code that this program does not know is as good as none. */
export const KeptFailure = v.object({
  code: v.picklist(failureCodes),
  facts: v.record(v.string(), v.string()),
  detail: v.exactOptional(v.string()),
  step: v.exactOptional(v.string()),
})
