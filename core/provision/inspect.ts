import * as v from 'valibot'
import type { Reply } from '../../contract/failure'
import { RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import { cleanLine, cleanText } from '../text/clean-text'
import { parseReport, type ReportLine } from './report'

/** What came back from running a script over there; text of strangers. */
export interface ScriptResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Facts by name, as `inspect.sh` prints them: one line each, some names more than once. */
function factReader(lines: readonly ReportLine[]) {
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
    /** A property that is left out when there is nothing to say. */
    optional: (key: string, value: string) => (value === '' ? {} : { [key]: value }),
  }
}
type FactReader = ReturnType<typeof factReader>

/**
 * Reads what `inspect.sh` printed. REMOTE_SYSTEM_UNSUPPORTED when whatever answered is no POSIX shell,
 * REMOTE_SCRIPT_FAILED when it broke off.
 */
export function parseInspection(result: ScriptResult, nonce: string): Reply<RemoteFacts, KnownFailure> {
  const { lines, noise } = parseReport(result.stdout, nonce)
  const has = (word: string) => lines.some((line) => line.word === word)
  const said = cleanText(result.stderr || noise, 4096)
  if (!has('begin')) return failed({ code: 'REMOTE_SYSTEM_UNSUPPORTED', facts: {}, detail: said })
  if (!has('end')) return failed({ code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'inspect' }, detail: said })
  const parsed = v.safeParse(RemoteFacts, readFacts(factReader(lines), noise))
  if (parsed.success) return { ok: true, value: parsed.output }
  const detail = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('\n')
  return failed({ code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'inspect' }, detail })
}

/** Rounds in a second, by `speedScript`; undefined when nothing was measured. */
export function parseSpeed(stdout: string, nonce: string): number | undefined {
  return factReader(parseReport(stdout, nonce).lines).count('speed_rounds_per_second') || undefined
}

function failed(failure: KnownFailure): { ok: false; failure: KnownFailure } {
  return { ok: false, failure }
}

/** Not yet checked: the schema has the last word. */
function readFacts(facts: FactReader, noise: string): unknown {
  const init = facts.text('init')
  const pam = facts.text('sshd_uses_pam')
  const speed = facts.count('speed_rounds_per_second')
  return {
    hostName: facts.text('host_name'),
    user: facts.text('user'),
    uid: facts.count('uid'),
    groups: facts.words('groups'),
    home: facts.text('home'),
    kernel: facts.text('kernel'),
    architecture: facts.text('architecture'),
    osName: facts.text('os_name') || facts.text('kernel'),
    ...facts.optional('declarative', facts.text('declarative')),
    init: init || 'other',
    ...facts.optional('bootId', facts.text('boot_id')),
    ...(facts.text('nix_bin_dir') === '' ? {} : { nix: readNix(facts) }),
    cpus: facts.count('cpus'),
    memoryBytes: facts.count('memory_bytes'),
    storeFreeBytes: facts.count('store_free_bytes'),
    kvm: facts.text('kvm') === 'yes',
    root: facts.text('root'),
    runningBuilds: facts.count('running_builds'),
    ...(speed > 0 ? { speedScore: speed } : {}),
    ...facts.optional('noise', cleanLine(noise)),
    ...(pam === '' ? {} : { sshdUsesPam: pam === 'yes' }),
    accounts: facts.pairs('account').map(([name, home]) => ({ name, home })),
    keys: facts.pairs('key').flatMap(([key, tag]) => {
      const [, install, role] = /^millwright:([0-9a-f]{8}):([a-z]+)$/.exec(tag) ?? []
      return install && role ? [{ install, role, key }] : []
    }),
    scripts: facts.pairs('scripts').map(([base, mark]) => ({ base, mark })),
    fragment: facts.all('fragment'),
  }
}

function readNix(facts: FactReader): unknown {
  return {
    version: facts.text('nix_version'),
    kind: facts.text('nix_kind'),
    storeOwner: facts.text('store_owner'),
    binDir: facts.text('nix_bin_dir'),
    onPath: facts.text('nix_on_path') === 'yes',
    system: facts.text('system'),
    extraPlatforms: facts.words('extra_platforms'),
    systemFeatures: facts.words('system_features'),
    trustedUsers: facts.words('trusted_users'),
    allowedUsers: facts.words('allowed_users'),
    confDir: facts.text('nix_conf_dir'),
    confFile: facts.text('conf_file'),
    ...facts.optional('socketGroup', facts.text('socket_group')),
    daemonRunning: facts.text('daemon_running') === 'yes',
    ...facts.optional('confError', facts.text('conf_error')),
  }
}
