import * as v from 'valibot'
import { ProgramName, PublicKeyText, UserName } from '../../contract/grammar'
import { ProvisionParameters, WayIn } from '../../contract/remote'
import { shellQuote } from '../text/shell-quote'
import type { ScriptTexts } from './assemble'

/**
 * Lets `inspect.sh` look at everything; `nonce` is a fresh `[a-z0-9]{12}`, by which its lines are known. `wrapper` is the
 * name of the program that leads to Nix there, where the person has named one. Throws on one that is no name.
 */
export function inspectScript(
  { inspect }: Pick<ScriptTexts, 'inspect'>,
  nonce: string,
  wrapper?: string | undefined,
): string {
  const named = wrapper === undefined ? '' : v.parse(ProgramName, wrapper)
  return `${assign({ nonce, only: '', wrapper: named })}${inspect}`
}

/** Lets `inspect.sh` look for Nix where a way in leads. Throws on one that breaks its grammar. */
export function insideScript(
  { inspect, enter }: Pick<ScriptTexts, 'inspect' | 'enter'>,
  way: WayIn,
  nonce: string,
): string {
  const within = `${assign({ nonce, only: 'nix' })}${inspect.trimEnd()}`
  return `${assign(wayParameters(way))}${enter}\nenter /bin/sh -s <<'MILLWRIGHT_INSIDE'\n${within}\nMILLWRIGHT_INSIDE\n`
}

/** A way in as parameters of the scripts that are started by it. Throws on one that breaks its grammar. */
export function wayParameters(
  way: WayIn | undefined,
): Record<'way_in' | 'way_program' | 'way_store', string> {
  if (!way) return { way_in: '', way_program: '', way_store: '' }
  const { kind, program, store } = v.parse(WayIn, way)
  return { way_in: kind, way_program: program, way_store: store }
}

/** Lets `inspect.sh` measure the speed alone, for the same measure on this computer. */
export function speedScript({ inspect }: ScriptTexts, nonce: string): string {
  return `${assign({ nonce, only: 'speed' })}${inspect}`
}

/** Lets `inspect.sh` ask sshd alone, as root, how it would take the users that builds may log in as. */
export function sshdScript(
  { inspect }: Pick<ScriptTexts, 'inspect'>,
  { user, connection = '' }: { readonly user: string; readonly connection?: string | undefined },
  nonce: string,
): string {
  const values = { nonce, only: 'sshd', users: v.parse(UserName, user) }
  return `${assign({ ...values, ssh_connection: v.parse(SshConnection, connection) })}${inspect}`
}

/** SSH_CONNECTION as sshd sets it, with a zone where the address is link-local. */
const SshConnection = v.pipe(v.string(), v.regex(/^([0-9A-Fa-f.:]+(%[\w.-]+)? \d{1,5} ?){0,2}$/))

/** Lets `inspect.sh` say who a machine is: for this computer, to tell it from others. */
export function identityScript({ inspect }: ScriptTexts, nonce: string): string {
  return `${assign({ nonce, only: 'identity' })}${inspect}`
}

/** Which key lines on a builder are one entry's own, beside those that name it. */
export interface KeyLines {
  /** `TYPE BASE64` of the key that builds come in by; empty where it is not known. */
  readonly buildKey: string
  /** Whether lines that name no builder, as earlier versions wrote them, can be of no other entry. */
  readonly ownsUntagged: boolean
}

/** What runs there to make the machine a builder. Throws on parameters that break their grammar. */
export function provisionScript(
  texts: ScriptTexts,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
  nonce: string,
): string {
  const buildKey = v.parse(PublicKeyText, lines.buildKey)
  return renderProvision(texts, v.parse(ProvisionParameters, parameters), { ...lines, buildKey }, nonce)
}

/** The same to be read before the key is made, which happens only once the plan is approved. */
export function shownScript(texts: ScriptTexts, parameters: ProvisionParameters): string {
  const lines = { buildKey: 'the public key that is made once you approve', ownsUntagged: true }
  return renderProvision(texts, parameters, lines, 'random')
}

/** What takes it back. Throws on parameters that break their grammar. */
export function unprovisionScript(
  texts: ScriptTexts,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
  nonce: string,
): string {
  const parsed = v.parse(ProvisionParameters, parameters)
  const known = { ...lines, buildKey: v.parse(v.union([v.literal(''), PublicKeyText]), lines.buildKey) }
  const script = `${assign({ nonce, ...parsed, ...keyParameters(known) })}${texts.unprovision}`
  return asOwner(parsed, script, '')
}

/** The public keys that a builder is to let in, `TYPE BASE64` each; one that is empty is none. */
export interface LetInKeys {
  readonly build: string
  readonly monitor: string
  readonly collect: string
}

/**
 * What lets new keys in: `beside` those that a builder knows, or `only` them. Which lines are its own `lines` says.
 * Throws on what breaks its grammar.
 */
export function rekeyScript(
  texts: ScriptTexts,
  parameters: Readonly<Record<string, string>>,
  lines: KeyLines,
  { act, keys }: { readonly act: 'beside' | 'only'; readonly keys: LetInKeys },
  nonce: string,
): string {
  const optional = v.union([v.literal(''), PublicKeyText])
  const known = { ...lines, buildKey: v.parse(optional, lines.buildKey) }
  const checked = {
    build: v.parse(PublicKeyText, keys.build),
    monitor: v.parse(optional, keys.monitor),
    collect: v.parse(optional, keys.collect),
  }
  return renderRekey(texts, v.parse(ProvisionParameters, parameters), known, { act, keys: checked }, nonce)
}

/** The same to be read before the keys are made. */
export function shownRekeyScript(texts: ScriptTexts, parameters: ProvisionParameters): string {
  const made = (known: string) => (known === '' ? '' : 'the public key that is made once you approve')
  const { monitor_key, collect_key } = parameters
  const keys = { build: made('yes'), monitor: made(monitor_key), collect: made(collect_key) }
  const lines = { buildKey: 'the public key in force', ownsUntagged: false }
  return renderRekey(texts, parameters, lines, { act: 'beside', keys }, 'random')
}

function renderRekey(
  { rekey }: ScriptTexts,
  parameters: ProvisionParameters,
  lines: KeyLines,
  { act, keys }: { readonly act: string; readonly keys: LetInKeys },
  nonce: string,
): string {
  const { mode, install, builder, user, conf_file, nix_bin } = parameters
  const values = assign({
    ...{ nonce, mode, install, builder, user, conf_file, nix_bin, ...keyParameters(lines), act },
    ...{ new_build_key: keys.build, new_monitor_key: keys.monitor, new_collect_key: keys.collect },
  })
  return asOwner(parameters, `${values}${rekey}`, ownerCheck(parameters, nonce))
}

/** Who must run `provisionScript` and `unprovisionScript`, in the words of the SSH port. */
export function runsAs(parameters: Readonly<Record<string, string>>): 'user' | 'root' {
  return v.parse(ProvisionParameters, parameters).run_as === 'login' ? 'user' : 'root'
}

/** Tells the installed scripts from those of another Millwright (FNV-1a, 32 bits); no security hangs on it. */
export function scriptsHash(
  { serve, probe, collect, enter }: Pick<ScriptTexts, 'serve' | 'probe' | 'collect' | 'enter'>,
  nixBin: string,
  way?: WayIn | undefined,
): string {
  let hash = 0x811c9dc5
  const byWay = way ? `${way.kind} ${way.program} ${way.store}\n${enter}\n` : ''
  for (const letter of `${byWay}${nixBin}\n${serve}\n${probe}\n${collect}`) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function renderProvision(
  { provision, serve, probe, collect, enter }: ScriptTexts,
  parameters: ProvisionParameters,
  lines: KeyLines,
  nonce: string,
): string {
  const { nix_bin, way_in, way_program, way_store } = parameters
  const goIn = way_in === '' ? '' : `${assign({ way_in, way_program, way_store })}${enter}\ngo_in "$@"\n`
  const withNix = `#!/bin/sh\n${assign({ nix_bin })}${goIn}`
  const installed = [
    printer('serve_text', `${withNix}${serve}`),
    printer('probe_text', `${withNix}${probe}`),
    printer('collect_text', `${withNix}${collect}`),
  ]
  const values = assign({ nonce, ...parameters, ...keyParameters(lines) })
  return asOwner(parameters, `${values}${installed.join('')}${provision}`, ownerCheck(parameters, nonce))
}

function keyParameters({ buildKey, ownsUntagged }: KeyLines) {
  return { build_key: buildKey, untagged: ownsUntagged ? 'yes' : '' }
}

function assign(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellQuote(value)}\n`)
    .join('')
}

function printer(name: string, text: string): string {
  return `${name}() {\ncat <<'MILLWRIGHT_${name}'\n${text.trimEnd()}\nMILLWRIGHT_${name}\n}\n`
}

/** Whose store it is, root sees for itself: else whoever logged in could name anybody. */
export function ownerCheck({ user }: ProvisionParameters, nonce: string): string {
  return `PATH=/usr/sbin:/usr/bin:/sbin:/bin
owner=$(ls -ldn /nix | awk '{ print $3 }')
if [ -z "$owner" ] || [ "$owner" != "$(id -u ${shellQuote(user)})" ]; then
  printf 'mw-%s error look-differs %s\\n' ${shellQuote(nonce)} ${shellQuote(`/nix does not belong to ${user}`)}
  exit 1
fi
`
}

/** Root hands the whole over to the user who owns the store: nothing in a person's home is touched as root. */
export function asOwner({ run_as, user }: ProvisionParameters, script: string, check: string): string {
  if (run_as !== 'owner') return script
  return `${check}su ${shellQuote(user)} -c 'exec /bin/sh -s' <<'MILLWRIGHT_OWNER'\n${script.trimEnd()}\nMILLWRIGHT_OWNER\n`
}
