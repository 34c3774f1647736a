/** A build of this computer by Determinate Nix's own list. */
export interface ListedBuild {
  readonly pid: number
  readonly drvPath: string
  readonly name: string
  readonly startedMs: number
  /** Of who asked. */
  readonly uid?: number
}

const mostBuilds = 1_000

/**
 * Parses `nix ps --json` (Determinate Nix 3.14, active-builds.cc); undefined for what is no such list. Builds on
 * builders are not in it: it lists who builds here.
 */
export function parseNixPs(text: string): readonly ListedBuild[] | undefined {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    // This Nix knows no such list, and says so in words.
    return undefined
  }
  if (!Array.isArray(list)) return undefined
  return list.slice(0, mostBuilds).flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { nixPid, clientUid, startTime, derivation } = one as Record<string, unknown>
    const [, base, name] =
      /^(?:\/nix\/store\/)?([a-z0-9]{32}-([\w+?=.-]{1,211})\.drv)$/.exec(String(derivation)) ?? []
    if (!isNumber(nixPid) || !isNumber(startTime) || base === undefined || name === undefined) return []
    const build = { pid: nixPid, name, drvPath: `/nix/store/${base}`, startedMs: startTime * 1000 }
    return [isNumber(clientUid) ? { ...build, uid: clientUid } : build]
  })
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)
