import * as v from 'valibot'
import type { Reply } from '../../contract/failure'
import { RemoteFacts, WayIn } from '../../contract/remote'
import { createFailure, type KnownFailure } from '../failures/failure'
import { cleanLine, cleanText } from '../text/clean-text'
import { parseReport, type ReportLine } from './report'

/** What came back from running a script over there; text of strangers. */
export interface ScriptResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Reads facts by name, as `inspect.sh` prints them: one line each, some names more than once. */
export function factReader(lines: readonly ReportLine[]) {
  const values = lines
    .filter(({ word }) => word === 'fact')
    .map(({ rest }) => /^(\S+) (.+)$/.exec(rest))
    .flatMap((match) => (match ? [{ name: match[1], value: match[2] ?? '' }] : []))
  const all = (name: string) => values.filter((fact) => fact.name === name).map(({ value }) => value)
  const text = (name: string) => all(name)[0] ?? ''
  return {
    all,
    text,
    words: (name: string) => text(name).split(' ').filter(Boolean).slice(0, 100),
    pairs: (name: string) =>
      all(name).flatMap((line): [string, string][] => {
        const [first, second] = line.split(' ')
        return first && second ? [[first, second]] : []
      }),
    count: (name: string) => (/^\d{1,15}$/.test(text(name)) ? Number(text(name)) : 0),
  }
}
type FactReader = ReturnType<typeof factReader>

/**
 * Reads what `inspect.sh` printed. REMOTE_SCRIPT_FAILED when it broke off, or never began: what stands in for the
 * shell there is met before the script is sent.
 */
export function parseInspection(result: ScriptResult, nonce: string): Reply<RemoteFacts, KnownFailure> {
  const { lines, noise } = parseReport(result.stdout, nonce)
  const has = (word: string) => lines.some((line) => line.word === word)
  const said = cleanText(result.stderr || noise, 4096)
  if (!has('begin') || !has('end'))
    return failed(createFailure('REMOTE_SCRIPT_FAILED', { step: 'inspect', ...silence(said) }, said))
  const parsed = v.safeParse(RemoteFacts, readFacts(factReader(lines), noise))
  if (parsed.success) return { ok: true, value: parsed.output }
  const detail = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('\n')
  return failed({ code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'inspect' }, detail })
}

/** That nothing was said, where that is so: the words then promise no details. */
export function silence(said: string): { readonly instead?: string } {
  return said.trim() === '' ? { instead: 'silent' } : {}
}

/** What `insideScript` found; no Nix where what it started did not get so far. */
export function parseInside(
  { stdout }: Pick<ScriptResult, 'stdout'>,
  nonce: string,
): Pick<RemoteFacts, 'nix' | 'storeFreeBytes' | 'kvm'> {
  const facts = factReader(parseReport(stdout, nonce).lines)
  const entries = v.pick(RemoteFacts, ['nix', 'storeFreeBytes', 'kvm'])
  const parsed = v.safeParse(entries, readFacts(facts, ''))
  return parsed.success ? parsed.output : { storeFreeBytes: 0, kvm: false }
}

/** Rounds in a second, by `speedScript`; undefined when nothing was measured. */
export function parseSpeed(stdout: string, nonce: string): number | undefined {
  return factReader(parseReport(stdout, nonce).lines).count('speed_rounds_per_second') || undefined
}

/** What a question to sshd alone found (`sshdScript`), and of whom that is true besides. */
export function parseSshd(
  stdout: string,
  nonce: string,
): Pick<RemoteFacts, 'sshd' | 'sshdUnread'> & { readonly home: string; readonly groups: readonly string[] } {
  const facts = factReader(parseReport(stdout, nonce).lines)
  const said = { ...readSshd(facts), sshdUnread: facts.text('sshd_unread') || undefined }
  const parsed = v.safeParse(v.pick(RemoteFacts, ['sshd', 'sshdUnread']), said)
  return { ...(parsed.success ? parsed.output : {}), home: facts.text('home'), groups: facts.words('groups') }
}

/** `fact sshd USER SETTING WORDS…`, a setting with many words in several lines. */
function readSshd(facts: FactReader): { readonly sshd?: unknown } {
  const isAnother = facts.text('sshd_is_another') === 'yes'
  const settings = facts.all('sshd').flatMap((line) => {
    const [user = '', name = '', ...values] = line.split(' ')
    return values.length > 0 ? [{ user, name, values }] : []
  })
  if (!isAnother && settings.length === 0) return {}
  const address = facts.text('sshd_address')
  return { sshd: { address, host: facts.text('sshd_host') || address, isAnother, settings } }
}

function failed(failure: KnownFailure): { ok: false; failure: KnownFailure } {
  return { ok: false, failure }
}

/** Not yet checked: the schema has the last word. What its name and kind tell is read so; the rest stands here. */
function readFacts(facts: FactReader, noise: string): unknown {
  const speed = facts.count('speed_rounds_per_second')
  const {
    nix,
    noise: _,
    speedScore: __,
    sshd: ___,
    pamAccess: ____,
    keysUnsafe: _____,
    waysIn: _w,
    wayIn: _i,
    ...entries
  } = RemoteFacts.entries
  return {
    ...readPlain(entries, facts),
    osName: facts.text('os_name') || facts.text('kernel'),
    init: facts.text('init') || 'other',
    ...(facts.text('nix_bin_dir') === '' ? {} : { nix: readPlain(nix.wrapped.entries, facts, 'nix_') }),
    ...(speed > 0 ? { speedScore: speed } : {}),
    ...(noise === '' ? {} : { noise: cleanLine(noise) }),
    accounts: facts.pairs('account').map(([name, home]) => ({ name, home })),
    keys: facts.all('key').flatMap((line) => {
      const [, key, install, role, builder] =
        /^(\S+) millwright:([0-9a-f]{8}):([a-z]+)(?: ([a-z][a-z0-9-]{0,31}))?$/.exec(line) ?? []
      return key && install && role ? [{ install, role, key, ...(builder ? { builder } : {}) }] : []
    }),
    scripts: facts.pairs('scripts').map(([base, hash]) => ({ base, hash })),
    fragment: facts.all('fragment'),
    ...readSshd(facts),
    pamAccess: facts.all('pam_access').slice(0, 100),
    keysUnsafe: facts.all('keys_unsafe').flatMap((line) => {
      const [, user, reason] = /^(\S+) (.+)$/.exec(line) ?? []
      return user && reason ? [{ user, reason }] : []
    }),
    ...readWaysIn(facts),
  }
}

/** `fact way_in KIND PROGRAM STORE`; one whose paths would need quotes is none. */
function readWaysIn(facts: FactReader): { readonly waysIn?: WayIn[] } {
  const waysIn = facts.all('way_in').flatMap((line) => {
    const [kind, program, store = ''] = line.split(' ')
    const parsed = v.safeParse(WayIn, { kind, program, store })
    return parsed.success ? [parsed.output] : []
  })
  return waysIn.length > 0 ? { waysIn } : {}
}

/** `storeFreeBytes`, a number, is what `fact store_free_bytes` said, and absent where it may be and nothing was said. */
function readPlain(entries: v.ObjectEntries, facts: FactReader, prefix = ''): Record<string, unknown> {
  const read = (key: string, schema: v.ObjectEntries[string]): unknown => {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const said = facts.all(prefix + name).length > 0 ? prefix + name : name
    const isOptional = 'wrapped' in schema
    if (isOptional && facts.text(said) === '') return undefined
    const { type } = isOptional ? schema.wrapped : schema
    if (type === 'number') return facts.count(said)
    if (type === 'boolean') return facts.text(said) === 'yes'
    return type === 'array' ? facts.words(said) : facts.text(said)
  }
  const values = Object.entries(entries).map(([key, schema]) => [key, read(key, schema)] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}
