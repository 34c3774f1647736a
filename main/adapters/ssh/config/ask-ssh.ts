import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMatch } from '../../../../core/ssh/config-lines'
import { cleanText } from '../../../../core/text/clean-text'
import { fail } from '../../../failures'
import { runProgram } from '../../system/run-program'
import type { ConfigTree } from './config-tree'

/** What `ssh -G` prints: each option in lower case, with the rest of each of its lines. */
export type SshOptions = ReadonlyMap<string, readonly string[]>

interface Asked {
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
}

/** `CanonicalizeHostname` asks the resolver. */
const timeoutMs = 15_000

/**
 * What ssh itself makes of its configuration for a host; `file` in the place of the usual ones. Only where no
 * command decides there whether lines hold: those `ssh -G` would run. Fails with LOCAL_WITHOUT_SSH, SSH_CONFIG_BROKEN.
 */
export async function askSsh(
  { host, user, port }: Asked,
  file?: string,
  nameFiles: (text: string) => string = (text) => text,
): Promise<SshOptions> {
  const argv = [
    ...['ssh', '-G', '-T', ...(file === undefined ? [] : ['-F', file])],
    ...[...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', String(port)])],
    ...['--', host],
  ]
  const { status, stdout, stderr, ended } = await runProgram(argv, { timeoutMs })
  if (ended === 'missing') return fail('LOCAL_WITHOUT_SSH')
  if (status !== 0) {
    const isLate = ended === 'timed-out'
    const said = isLate ? `no answer within ${timeoutMs / 1000} s` : nameFiles(cleanText(stderr, 1024)).trim()
    return fail('SSH_CONFIG_BROKEN', { host, said: lineThatMatters(said) }, said)
  }
  return parseSshOptions(stdout)
}

/** ssh tells what is wrong first, and at the end only that it gives up; a word on terminals may come before. */
function lineThatMatters(said: string): string {
  const lines = said.split('\n').filter((line) => !/^Pseudo-terminal|^terminating, /.test(line))
  return lines[0] ?? 'It gave no reason.'
}

/** The output of `ssh -G`. */
export function parseSshOptions(text: string): SshOptions {
  const options = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    // No regular expression: a line without a space, ended oddly, took one seconds.
    const space = line.indexOf(' ')
    const name = (space < 0 ? line : line.slice(0, space)).toLowerCase()
    if (name === '') continue
    const values = options.get(name) ?? []
    values.push(space < 0 ? '' : line.slice(space + 1))
    options.set(name, values)
  }
  return options
}

/**
 * The same for trees of our own choosing, the first value counting as always: a copy in a folder of this user alone,
 * in which no command decides anything. `after` are lines for what none of them says.
 */
export async function askSshOfCopy(
  asked: Asked,
  trees: readonly ConfigTree[],
  after: readonly string[] = [],
): Promise<SshOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-ssh-'))
  try {
    const paths = [...new Set(trees.flatMap(({ files }) => [...files.keys()]))]
    const copyOf = (path: string) => join(folder, String(paths.indexOf(path)))
    for (const { files } of trees) {
      for (const path of files.keys())
        await writeFile(copyOf(path), render(path, files, copyOf), { mode: 0o600 })
    }
    const roots = trees
      .filter(({ root, files }) => files.has(root))
      .map(({ root }) => include([copyOf(root)]))
    const top = join(folder, 'config')
    await writeFile(top, `${[...roots, 'Match all', ...after].join('\n')}\n`, { mode: 0o600 })
    const nameFiles = (text: string) =>
      paths.reduceRight((named, path) => named.replaceAll(copyOf(path), path), text)
    return await askSsh(asked, top, nameFiles)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function render(path: string, files: ConfigTree['files'], copyOf: (path: string) => string): string {
  const { lines, includes } = files.get(path) ?? { lines: [], includes: new Map<number, readonly string[]>() }
  const rendered = lines.map(({ line, keyword, words, raw }) => {
    if (keyword === 'include') {
      const inner = (includes.get(line) ?? []).filter((one) => files.has(one))
      return inner.length === 0 ? '' : include(inner.map(copyOf))
    }
    return keyword === 'match' ? renderMatch(words, raw) : raw
  })
  return `${rendered.join('\n')}\n`
}

function include(paths: readonly string[]): string {
  return `Include ${paths.map((path) => `"${path}"`).join(' ')}`
}

/** With a question to which the answer is always no in the place of each command. */
function renderMatch(words: readonly string[], raw: string): string {
  const criteria = parseMatch(words)
  if (!criteria.some(({ asks }) => asks === 'exec')) return raw
  const rendered = criteria.map(({ asks, isNegated, value }) => {
    if (asks === 'exec') return 'originalhost "!*"'
    const quoted = value === undefined ? '' : ` "${value.replace(/["\\]/g, '\\$&')}"`
    return `${isNegated ? '!' : ''}${asks}${quoted}`
  })
  return `Match ${rendered.join(' ')}`
}
