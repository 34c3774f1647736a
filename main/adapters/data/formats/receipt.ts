import * as v from 'valibot'
import { jobKinds } from '../../../../contract/commands'
import { recordVersions } from '../../../../contract/version'
import type { DocumentFormat } from '../../../../core/versions/document'
import type { Receipt } from '../../../ports/records'

/** The name of a receipt. */
export const JobId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))

/** What it says. */
export const ReceiptFields = v.object({
  jobId: JobId,
  kind: v.picklist(Object.values(jobKinds)),
  builderId: v.string(),
  address: v.fallback(v.string(), ''),
  startedAt: v.fallback(v.string(), ''),
  leftBehind: v.array(v.string()),
  isEnded: v.exactOptional(v.fallback(v.boolean(), false)),
})

/** What a job has begun and not yet ended. */
export const receiptFormat: DocumentFormat<Receipt> = {
  version: recordVersions.receipt,
  migrations: [],
  read: (document) => {
    const parsed = v.safeParse(ReceiptFields, document)
    return parsed.success ? parsed.output : undefined
  },
}
