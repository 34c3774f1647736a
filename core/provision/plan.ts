/**
 * How the flow that adds a builder uses this folder, in order (each `nonce` fresh, `[a-z0-9]{12}`):
 *
 * 1. `inspectScript(texts, nonce)`, run as the login user; `parseInspection(result, nonce)` → facts.
 * 2. `planProvision({ facts, … })` → the plan to approve, the builder's settings, and `parameters`, which are
 *    kept with the builder for taking everything back.
 * 3. Root's key is made on this computer; its public half is the `buildKey`.
 * 4. `provisionScript(texts, parameters, lines, nonce)`, run as `runsAs(parameters)` says; `parseStep` for each
 *    line as it comes, `parseOutcome(result, nonce)` at the end. It may run again after any failure.
 * 5. `remoteFiles(…)` says what lies there now.
 *
 * To take it back: `unprovisionScript(texts, parameters, lines, nonce)`, run and judged the same way; when the machine
 * cannot be reached, `removalCommands(parameters)` says what to run there later.
 */
import * as v from 'valibot'
import type { AddOptions } from '../../contract/commands'
import type { Reply } from '../../contract/failure'
import { type Plan, ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import { whatHindersBuilds } from '../login/hindrance'
import { parseNixVersion } from '../nix/nix-version'
import type { ScriptTexts } from '../scripts/assemble'
import { scriptsHash, shownScript, wayParameters } from '../scripts/script'
import { type Account, buildUser, chooseAccount } from './account'
import { planChanges } from './changes'
import { type BuilderSettings, deriveSettings } from './derive'
import { oddFacts } from './odd-facts'
import { checkRequirements } from './requirements'
import { grantAccess } from './trust'

type Nix = NonNullable<RemoteFacts['nix']>

export interface PlanInput {
  readonly facts: RemoteFacts
  readonly local: { readonly nixVersion: string; readonly system: string; readonly speedScore?: number }
  readonly options: AddOptions
  readonly scripts: ScriptTexts
  readonly installId: string
  /** What it will be called. */
  readonly id: string
  /** `ssh-ed25519 AAAA…`; without them, nothing can be had from the builder but by building. */
  readonly monitorKey?: string
  readonly collectKey?: string
}

export interface Provisioning {
  readonly plan: Plan
  readonly settings: BuilderSettings
  readonly parameters: ProvisionParameters
}

/** What making this machine a builder will change, why, and how it is taken back; or why it cannot be one. */
export function planProvision(input: PlanInput): Reply<Provisioning, KnownFailure> {
  const { facts, local, options, installId, id, monitorKey = '', collectKey = '', scripts } = input
  const usable = checkRequirements(facts, options)
  if (!usable.ok) return usable
  const { nix, version: remote } = usable.value
  const account = chooseAccount(facts, nix)
  if (!account.ok) return account
  const odd = oddFacts(nix, account.value)
  if (odd) return { ok: false, failure: odd }
  const { user } = account.value
  const versions = { local: parseNixVersion(local.nixVersion), remote }
  const localSpeedScore = local.speedScore
  const { settings, derived } = deriveSettings({ facts, nix, versions, localSpeedScore, options, user })
  const both = { local: versions.local, protocol: settings.protocol }
  const granted = grantAccess(facts, usable.value, account.value, both)
  if (!granted.ok) return granted
  const { access, isTrusted } = granted.value
  const { trust } = access
  if (trust !== '' && nix.daemonManager === 'none' && !facts.fragment.includes(trust)) {
    return { ok: false, failure: { code: 'REMOTE_DAEMON_UNMANAGED', facts: { line: trust } } }
  }
  const hindrance = whatHindersBuilds(facts, buildUser(facts, account.value, access.socket_group))
  if (hindrance) return { ok: false, failure: hindrance }
  const parameters = checkParameters({
    ...account.value,
    install: installId,
    builder: id,
    nix_bin: nix.binDir,
    ...wayParameters(facts.wayIn),
    conf_file: nix.confFile,
    ...access,
    monitor_key: monitorKey,
    collect_key: collectKey,
    scripts_hash: scriptsHash(scripts, nix.binDir, facts.wayIn),
  })
  if (!parameters.ok) return parameters
  const plan: Plan = {
    changes: planChanges(facts, parameters.value),
    derived,
    consents: consentsTo(facts, nix, account.value, isTrusted),
    script: shownScript(scripts, parameters.value),
  }
  return { ok: true, value: { plan, settings, parameters: parameters.value } }
}

/** Names that the machine gave itself come to be words of a script that root runs: the grammar decides. */
function checkParameters(parameters: Record<string, string>): Reply<ProvisionParameters, KnownFailure> {
  const parsed = v.safeParse(ProvisionParameters, parameters)
  if (parsed.success) return { ok: true, value: parsed.output }
  const detail = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('\n')
  return { ok: false, failure: { code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'plan' }, detail } }
}

function consentsTo(facts: RemoteFacts, nix: Nix, { user }: Account, isTrusted: boolean): string[] {
  const host = facts.hostName
  const trust = isTrusted
    ? `On ${host}, ${user} is a trusted user of Nix: whoever holds this computer’s key can do there what root can.`
    : `Nix on ${host} does not trust ${user}, and takes only inputs that are signed by a key it trusts, such as those of cache.nixos.org. What needs something built here, or on another builder, cannot be built there.`
  return [
    `This computer will trust whatever ${host} builds for it.`,
    ...(nix.kind === 'multi-user' ? [trust] : []),
  ]
}
