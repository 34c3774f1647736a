import * as v from 'valibot'
import { BuilderSpec } from '../../contract/builder'
import { type ExportFormat, exportFleet } from './export-fleet'
import { type Fleet, renderOtherLine } from './fleet'

const version = 1

/** What `export --json` prints and `import` reads; later ones may say more. */
const ExportDocument = v.object({
  version: v.literal(version),
  builders: v.array(v.object(BuilderSpec.entries)),
  /** Lines of others, as a machines file has them. */
  others: v.fallback(v.array(v.string()), []),
})
type ExportDocument = v.InferOutput<typeof ExportDocument>

export function exportDocument(format: ExportFormat, fleet: Fleet) {
  const { builders, others, leftOut } = fleet
  return {
    ...{ version, format, builders, others: others.map(renderOtherLine), leftOut },
    text: exportFleet(format, fleet),
  }
}

/** Undefined where a text is no such document: it may be a machines file. */
export function parseExportDocument(text: string): ExportDocument | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const parsed = v.safeParse(ExportDocument, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    // No JSON at all.
    return undefined
  }
}
