import type { HelperSaid } from './failure-row'

/** The machine that root’s helper was asked about, by its address, else by the builder’s name. */
export function saidHost({ request, said }: HelperSaid): { readonly host: string } {
  const builder = 'builder' in request ? request.builder.id : 'id' in request ? request.id : undefined
  return { host: said?.facts.host ?? builder ?? 'the machine' }
}

/** The same with its port. */
export function saidPlace(heard: HelperSaid): { readonly host: string; readonly port: string } {
  return { ...saidHost(heard), port: heard.said?.facts.port ?? '22' }
}

/** Where it was, as far as it was said. */
export function saidMachine({ said }: HelperSaid): { readonly host?: string; readonly port?: string } {
  const { host, port } = said?.facts ?? {}
  return { ...(host ? { host } : {}), ...(port ? { port } : {}) }
}

/** The line that gave the reason. */
export function saidLine({ said }: HelperSaid): { readonly said?: string } {
  return said ? { said: said.line } : {}
}

/** Some of what the line names. */
export function saidFacts<const N extends string>(
  { said }: HelperSaid,
  names: readonly N[],
): { readonly [K in N]?: string } {
  const known = Object.entries(said?.facts ?? {}).filter(([name]) =>
    (names as readonly string[]).includes(name),
  )
  return Object.fromEntries(known) as { readonly [K in N]?: string }
}
