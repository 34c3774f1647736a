/** What a service is started with that decides which settings its Nix reads. */
export interface ServiceSettings {
  readonly env: Readonly<Record<string, string>>
  /** Names and values of `--option`, and of the flags that are short for one (nix(1)). */
  readonly options: readonly (readonly [name: string, value: string])[]
}

/** The variables that decide what Nix reads (globals.cc, users.cc); the others are none of our business. */
const deciding =
  /^(NIX_(CONFIG|CONF_DIR|BUILD_HOOK|USER_CONF_FILES|CONFIG_HOME|REMOTE_SYSTEMS|STATE_DIR)|XDG_CONFIG_(HOME|DIRS)|HOME)$/

export function decidingVariables(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && deciding.test(entry[0]),
    ),
  )
}

/** `NAME=VALUE` of each, as proc(5) has them in `environ`. */
export function parseEnviron(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split('\0').flatMap((entry) => assignment(entry) ?? []))
}

function assignment(entry: string): [[string, string]] | undefined {
  const at = entry.indexOf('=')
  return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)]] : undefined
}

const shortFor: Readonly<Record<string, string>> = {
  '--builders': 'builders',
  '--max-jobs': 'max-jobs',
  '-j': 'max-jobs',
}

/** The settings on a command line; `words[0]` is the program. */
export function settingsOfCommand(words: readonly string[]): ServiceSettings['options'] {
  return words.flatMap((word, index): (readonly [string, string])[] => {
    const [first, second] = [words[index + 1], words[index + 2]]
    if (word === '--option' && first !== undefined && second !== undefined) return [[first, second]]
    const name = shortFor[word]
    return name !== undefined && first !== undefined ? [[name, first]] : []
  })
}

/**
 * Words as systemd.syntax(7) quotes them in `Environment=` and in the files of `EnvironmentFile=`: single and double
 * quotes, and a backslash before what stands for itself.
 */
export function unquoteWords(text: string): readonly string[] {
  const words: string[] = []
  const pattern = /(?:"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|((?:[^\s"'\\]|\\[\s\S])+)|(\s+))/g
  let word: string | undefined
  for (const [, double, single, plain, space] of text.matchAll(pattern)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + unescaped(double ?? single ?? plain ?? '')
  }
  return word === undefined ? words : [...words, word]
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, one: string) => ({ n: '\n', t: '\t', '\n': '' })[one] ?? one)
}

/** What `systemctl show` says of a unit that does not run; `readFile` reads the files of `EnvironmentFile=`. */
export function settingsOfUnit(
  shown: string,
  readFile: (path: string) => string | undefined,
): ServiceSettings {
  const values = (name: string) =>
    shown.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
  const direct = values('Environment').flatMap(unquoteWords)
  const fromFiles = values('EnvironmentFiles').flatMap((value) =>
    environmentFile(readFile(value.replace(/ \(ignore_errors=(yes|no)\)$/, '')) ?? ''),
  )
  const env = Object.fromEntries([...direct, ...fromFiles].flatMap((entry) => assignment(entry) ?? []))
  const command = /argv\[\]=(.*?) ; /.exec(values('ExecStart').at(-1) ?? '')?.[1] ?? ''
  return { env: decidingVariables(env), options: settingsOfCommand(unquoteWords(command)) }
}

/** One assignment a line; comments begin with `#` or `;` (systemd.exec(5)). A quoted value may span lines. */
function environmentFile(text: string): readonly string[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
  const pattern = /^[ \t]*([A-Za-z_]\w*)=("(?:[^"\\]|\\[\s\S])*"|'[^']*'|(?:[^\n\\]|\\[\s\S])*)/gm
  return [...lines.matchAll(pattern)].map(([, name, value = '']) => `${name}=${unquoteValue(value.trim())}`)
}

function unquoteValue(value: string): string {
  const isQuoted = /^(["']).*\1$/s.test(value)
  return isQuoted ? (unquoteWords(value)[0] ?? '') : unescaped(value)
}
