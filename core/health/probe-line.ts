import type { Sample } from '../../contract/health'

/** What one line of `remote/probe.sh` says; when it came is for whoever heard it to know. */
export type ProbeLine = Omit<Sample, 'atMs' | 'latencyMs' | 'clockOffsetMs'> & {
  /** That machine's clock, whole seconds since the epoch. */
  readonly clockSeconds?: number
}

/** The longest line that the probe could print: 64 names of 211 letters, and the rest. */
export const maxProbeBytes = 64 * 212 + 1024
const mostNames = 64

/** Which version of the probe's protocol a first line names; undefined for what is no probe at all. */
export function probeProtocolVersion(line: string): number | undefined {
  const [, version] = /^millwright-probe (\d{1,4})( |$)/.exec(line) ?? []
  return version === undefined ? undefined : Number(version)
}

/** The end of the year 9999, the last that ISO 8601 writes in four digits. */
const latestSeconds = 253_402_300_799

const fieldPattern = /^([A-Za-z0-9]{1,16})=([A-Za-z0-9+,._?=-]*)$/

/** Parses a line of the second version, without its end; undefined for whatever is not exactly that. */
export function parseProbe(line: string): ProbeLine | undefined {
  const [first, ...words] = line.split(' ')
  if (first !== '2' || line.length > maxProbeBytes) return undefined
  const fields = new Map<string, string>()
  for (const word of words) {
    const [, name, value] = fieldPattern.exec(word) ?? []
    if (name === undefined || value === undefined || fields.has(name)) return undefined
    fields.set(name, value)
  }
  const number = (name: string, most: number) => toNumber(fields.get(name), most)
  const [load1, cpus] = [number('load1', 1e6), number('cpus', 1e5)]
  const [memoryBytes, memoryFreeBytes] = [number('mem', 1e16), number('memFree', 1e16)]
  if (load1 === undefined || !cpus || memoryBytes === undefined || memoryFreeBytes === undefined)
    return undefined
  const [storeBytes, storeFreeBytes] = [number('store', 1e18), number('storeFree', 1e18)]
  const bootId = /^[A-Za-z0-9-]{1,64}$/.exec(fields.get('boot') ?? '')?.[0]
  const nixVersion = /^\d[A-Za-z0-9.+_-]{0,63}$/.exec(fields.get('nix') ?? '')?.[0]
  return {
    load1,
    cpus,
    memoryBytes,
    memoryFreeBytes: Math.min(memoryFreeBytes, memoryBytes),
    buildNames: namesOf(fields.get('names')),
    ...optional('bootId', bootId),
    ...optional('nixVersion', nixVersion),
    ...optional('uptimeSeconds', number('up', 1e10)),
    ...optional('cpuPressure', number('cpuPsi', 100)),
    ...optional('memoryPressure', number('memPsi', 100)),
    ...optional('storeBytes', storeBytes),
    ...optional('storeFreeBytes', storeFreeBytes && Math.min(storeFreeBytes, storeBytes ?? storeFreeBytes)),
    ...optional('buildFreeBytes', number('buildFree', 1e18)),
    ...optional('builds', number('builds', 1e5)),
    ...optional('clockSeconds', number('clock', latestSeconds)),
  }
}

/** A plain number of at most so much; nothing else, however it is written. */
function toNumber(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,20}(\.\d{1,6})?$/.test(text)) return undefined
  const value = Number(text)
  return value <= most ? value : undefined
}

/** Names of store paths, as Nix allows them (store-api.cc, checkName). */
function namesOf(text = ''): readonly string[] {
  return text
    .split(',')
    .filter((name) => name !== '' && name.length <= 211)
    .slice(0, mostNames)
}

function optional<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>)
}
