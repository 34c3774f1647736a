import * as v from 'valibot'
import { BuilderId } from '../../../../contract/grammar'
import { recordVersions } from '../../../../contract/version'
import type { DocumentFormat } from '../../../../core/versions/document'

const Wishes = v.object({ ids: v.pipe(v.array(BuilderId), v.readonly()) })

/** The builders that the person wants as substituters, off at the moment or not. */
export const substitutersFormat: DocumentFormat<v.InferOutput<typeof Wishes>> = {
  version: recordVersions.substituters,
  migrations: [(document) => document],
  wrap: (bare) => (Array.isArray(bare) ? { ids: bare } : undefined),
  read: (document) => {
    const parsed = v.safeParse(Wishes, document)
    return parsed.success ? parsed.output : undefined
  },
}
