import * as v from 'valibot'

/** `start` of an activity of type 105, build (logging.hh); an empty machine is the one that reads the log. */
const BuildStart = v.looseObject({
  action: v.literal('start'),
  type: v.literal(105),
  fields: v.looseTuple([v.string(), v.string()]),
})

/**
 * The store that Nix sent a derivation to, from its internal-json log; undefined when it sent it nowhere.
 * A builder's own daemon reports the same build again, without a machine.
 */
export function builtBy(log: string, drvPath: string): string | undefined {
  return log
    .split('\n')
    .filter((line) => line.startsWith('@nix '))
    .flatMap((line) => buildStart(line.slice(5)))
    .find(([drv, machine]) => drv === drvPath && machine !== '')?.[1]
}

function buildStart(text: string): [string, string][] {
  try {
    const result = v.safeParse(BuildStart, JSON.parse(text))
    return result.success ? [[result.output.fields[0], result.output.fields[1]]] : []
  } catch {
    return []
  }
}
