import type { AddOptions } from '../../contract/commands'
import type { RemoteFacts } from '../../contract/remote'
import { confProblem } from '../causes/conf-problem'
import type { KnownFailure } from '../failures/failure'
import { isTooOld, type NixVersion, parseNixVersion } from '../nix/nix-version'
import { buildableSystems } from './derive'

/** A machine that can become a builder: its Nix, and the version of it. */
export interface Usable {
  readonly nix: NonNullable<RemoteFacts['nix']>
  readonly version: NixVersion
}

/** The first reason why a machine cannot become a builder as it is, or what the plan goes on with. */
export function checkRequirements(
  facts: RemoteFacts,
  options: AddOptions,
): { readonly ok: true; readonly value: Usable } | { readonly ok: false; readonly failure: KnownFailure } {
  const { nix } = facts
  const failed = (failure: KnownFailure) => ({ ok: false, failure }) as const
  if (facts.kernel !== 'linux' && facts.kernel !== 'darwin') {
    return failed({ code: 'REMOTE_SYSTEM_UNSUPPORTED', facts: { system: facts.kernelName ?? facts.kernel } })
  }
  if (!nix && facts.wrapperMissing !== undefined)
    return failed({ code: 'REMOTE_WRAPPER_NOT_FOUND', facts: { program: facts.wrapperMissing } })
  if (!nix && facts.waysIn?.[0] !== undefined)
    return failed({
      code: 'REMOTE_WAY_IN_FAILED',
      facts: { program: facts.waysIn[0].program },
      ...(facts.wayInSaid ? { detail: facts.wayInSaid } : {}),
    })
  if (!nix && facts.storeWithoutNix !== undefined)
    return failed({ code: 'REMOTE_NIX_NOT_FOUND', facts: { owner: facts.storeWithoutNix } })
  if (!nix) return failed({ code: 'REMOTE_WITHOUT_NIX', facts: {} })
  const version = parseNixVersion(nix.version)
  if (!version) {
    const said = nix.version || nix.versionError
    return failed({ code: 'REMOTE_NIX_VERSION_UNKNOWN', facts: said ? { said } : {} })
  }
  if (isTooOld(version)) return failed({ code: 'REMOTE_NIX_TOO_OLD', facts: { version: version.text } })
  if (nix.confError !== undefined) {
    return failed({
      code: 'REMOTE_NIX_CONF_BROKEN',
      facts: { path: confProblem(nix.confError)?.facts.path ?? `${nix.confDir}/nix.conf` },
      detail: nix.confError,
    })
  }
  if (facts.declarative) {
    return failed({ code: 'REMOTE_DECLARATIVE', facts: { declarative: facts.declarative } })
  }
  const systems = buildableSystems(nix)
  const wanted = options.systems?.filter((system) => !systems.includes(system)) ?? []
  if (wanted.length > 0) {
    const words = { wanted: wanted.join(', '), systems: systems.join(', ') }
    return failed({ code: 'REMOTE_SYSTEM_NOT_BUILDABLE', facts: words })
  }
  return { ok: true, value: { nix, version } }
}
