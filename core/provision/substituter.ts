import * as v from 'valibot'
import type { Reply } from '../../contract/failure'
import { SigningKey } from '../../contract/grammar'
import type { OwnedFile } from '../../contract/helper'
import { ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import type { ScriptTexts } from '../scripts/assemble'
import { asOwner, type KeyLines, ownerCheck } from '../scripts/script'
import { shellQuote } from '../text/shell-quote'
import { baseFolder } from './changes'
import type { ScriptResult } from './inspect'
import { parseOutcome } from './progress'
import { parseReport, parseReportLine } from './report'

/** `offer`: make the key and sign what is built; `sign`: sign what was there before; `withdraw`: take both back. */
export type SubstituterAct = 'offer' | 'sign' | 'withdraw'

/** How the script goes about it. */
export interface SubstituterRun extends Pick<KeyLines, 'ownsUntagged'> {
  readonly act: SubstituterAct
  readonly restart: 'when-idle' | 'always'
}

/**
 * Whether a builder can vouch for what it builds: where root set it up, by a key that is root's alone; where one person
 * owns the store, by a key of theirs, as nobody else writes to it.
 */
export function canSign(
  parameters: Readonly<Record<string, string>>,
  nix: Pick<NonNullable<RemoteFacts['nix']>, 'kind'> | undefined,
): boolean {
  const isKnown = v.safeParse(ProvisionParameters, parameters).success
  return isKnown && (parameters.mode === 'dedicated' || nix?.kind === 'single-user')
}

/** What runs there, as whoever `runsAs` says. Throws on parameters that break their grammar. */
export function substituterScript(
  { substituter }: Pick<ScriptTexts, 'substituter'>,
  parameters: Readonly<Record<string, string>>,
  { act, restart, ownsUntagged }: SubstituterRun,
  nonce: string,
): string {
  const parsed = v.parse(ProvisionParameters, parameters)
  const { mode, run_as, install, builder, user, conf_file, nix_bin } = parsed
  const { way_in, way_program, way_store } = parsed
  const untagged = ownsUntagged ? 'yes' : ''
  const whose = { mode, install, builder, untagged, build_key: '' }
  const way = { way_in, way_program, way_store }
  const values = Object.entries({ nonce, ...whose, run_as, user, conf_file, nix_bin, ...way, act, restart })
  const assigned = values.map(([name, value]) => `${name}=${shellQuote(value)}\n`).join('')
  return asOwner(parsed, `${assigned}${substituter}`, ownerCheck(parsed, nonce))
}

export interface SigningProgress {
  readonly done: number
  readonly total: number
}

/** A line of a running `sign`: how many of the paths that need a signature have one. */
export function parseSigning(line: string, nonce: string): SigningProgress | undefined {
  const ours = parseReportLine(line, nonce)
  const [, done, total] = (ours?.word === 'progress' && /^(\d{1,9}) (\d{1,9})$/.exec(ours.rest)) || []
  return done === undefined ? undefined : { done: Number(done), total: Number(total) }
}

/** The public half that a finished `offer` names. */
export function parseOffer(result: ScriptResult, nonce: string): Reply<string, KnownFailure> {
  const outcome = parseOutcome(result, nonce)
  if (!outcome.ok) return outcome
  const { lines } = parseReport(result.stdout, nonce)
  const publicKey = lines.find(({ word }) => word === 'public-key')?.rest
  if (v.is(SigningKey, publicKey)) return { ok: true, value: publicKey }
  return { ok: false, failure: { code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'key' } } }
}

/** What lies on the builder besides, while it is offered. */
export function signingFiles(
  publicKey: string,
  parameters: Readonly<Record<string, string>>,
  facts: RemoteFacts,
): OwnedFile[] {
  const parsed = v.parse(ProvisionParameters, parameters)
  const base = baseFolder(parsed, facts)
  const signingKey = `${base}/signing-key`
  const fragmentMode = parsed.mode === 'dedicated' ? '0644' : '0600'
  return [
    { path: signingKey, mode: '0600', owns: 'whole' },
    { path: `${signingKey}.pub`, mode: '0644', owns: 'whole', content: publicKey },
    {
      path: `${base}/nix.conf`,
      mode: fragmentMode,
      owns: 'line',
      content: `extra-secret-key-files = ${signingKey}\n`,
    },
  ]
}
