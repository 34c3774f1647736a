import * as v from 'valibot'
import type { Reply } from '../../contract/failure'
import { SigningKey } from '../../contract/grammar'
import type { OwnedFile } from '../../contract/helper'
import { ProvisionParameters } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import type { ScriptTexts } from '../scripts/assemble'
import type { KeyLines } from '../scripts/script'
import { shellQuote } from '../text/shell-quote'
import { dedicatedBase } from './account'
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

const signingKey = `${dedicatedBase}/signing-key`

/** Whether a builder can vouch for what it builds: only where root set it up can a key be root's alone. */
export function canSign(parameters: Readonly<Record<string, string>>): boolean {
  return v.safeParse(ProvisionParameters, parameters).success && parameters.mode === 'dedicated'
}

/** What runs there, as root. Throws on parameters that break their grammar. */
export function substituterScript(
  { substituter }: Pick<ScriptTexts, 'substituter'>,
  parameters: Readonly<Record<string, string>>,
  { act, restart, ownsUntagged }: SubstituterRun,
  nonce: string,
): string {
  const { mode, install, builder, user, conf_file, nix_bin } = v.parse(ProvisionParameters, parameters)
  const untagged = ownsUntagged ? 'yes' : ''
  const whose = { mode, install, builder, untagged, build_key: '' }
  const values = Object.entries({ nonce, ...whose, user, conf_file, nix_bin, act, restart })
  return `${values.map(([name, value]) => `${name}=${shellQuote(value)}\n`).join('')}${substituter}`
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
export function signingFiles(publicKey: string): OwnedFile[] {
  return [
    { path: signingKey, mode: '0600', owns: 'whole' },
    { path: `${signingKey}.pub`, mode: '0644', owns: 'whole', content: publicKey },
    {
      path: `${dedicatedBase}/nix.conf`,
      mode: '0644',
      owns: 'line',
      content: `extra-secret-key-files = ${signingKey}\n`,
    },
  ]
}
