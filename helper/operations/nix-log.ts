import * as v from 'valibot'

/** One line of Nix's internal-json log, as far as it matters here (logging.hh). */
const Line = v.variant('action', [
  /** Type 105 is a build; its second field is the store it was sent to, empty for this computer. */
  v.looseObject({
    action: v.literal('start'),
    type: v.literal(105),
    fields: v.looseTuple([v.string(), v.string()]),
  }),
  v.looseObject({ action: v.literal('msg'), level: v.literal(0), msg: v.string() }),
])
type Line = v.InferOutput<typeof Line>

const prefix = '@nix '

/**
 * The store that Nix sent a derivation to; undefined when it sent it nowhere. A builder's own daemon reports
 * the same build again, without a machine.
 */
export function builtBy(log: string, drvPath: string): string | undefined {
  for (const line of lines(log)) {
    if (line.action === 'start' && line.fields[0] === drvPath && line.fields[1] !== '') return line.fields[1]
  }
  return undefined
}

/** What a person would have read of it: errors, and what other programs wrote in between. */
export function errorsIn(log: string): string {
  const errors = lines(log).flatMap((line) => (line.action === 'msg' ? line.msg : []))
  const others = log.split('\n').filter((line) => !line.startsWith(prefix))
  return [...others, ...errors].join('\n')
}

function lines(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .flatMap((line) => parse(line.slice(prefix.length)))
}

function parse(text: string): Line[] {
  try {
    const result = v.safeParse(Line, JSON.parse(text))
    return result.success ? [result.output] : []
  } catch {
    return [] // cut short
  }
}
