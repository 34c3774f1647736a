/** What parsers trip over: ends, escapes, separators of each grammar, and numbers beyond any. */
const tokens = [
  ...['\n', '\r\n', '\0', '\t', ' ', '=', ',', ';', '#', '"', "'", '\\', '|', '@', '*', '?', '!', '%h', '['],
  ...[
    ']',
    ':',
    '/',
    '{',
    '}',
    '<',
    '\u001b[31m',
    '\u202e',
    '\ud800',
    'é',
    '__proto__',
    'constructor',
    '99999999999',
  ],
  ...[
    '-1',
    '1e999',
    'NaN',
    'Match exec x',
    'Include *',
    '@cert-authority',
    'mw-abc123 ',
    '2 load1=',
    '@nix {',
  ],
]
const largest = 64 * 1024

/** One text bent out of those of a corpus, the same for the same numbers. */
export function mutate(corpus: readonly string[], random: () => number): string {
  const below = (count: number) => Math.floor(random() * count)
  const pick = (texts: readonly string[]) => texts[below(texts.length)] ?? ''
  const at = (text: string) => below(text.length + 1)
  const ways: readonly ((text: string) => string)[] = [
    (text) => text.slice(0, at(text)),
    (text) => text.slice(at(text)),
    (text) => insert(text, at(text), pick(tokens)),
    (text) => insert(text, at(text), String.fromCharCode(below(256))),
    (text) => text.slice(0, at(text)) + pick(corpus).slice(at(text)),
    (text) => {
      const from = at(text)
      const part = text.slice(from, from + 1 + below(40))
      return insert(text, from, part.repeat(1 + below(Math.ceil(largest / (part.length + 1)))))
    },
    (text) => text.split('\n').reverse().join('\n'),
  ]
  let text = pick(corpus)
  for (let times = 1 + below(5); times > 0; times--) text = (ways[below(ways.length)] ?? String)(text)
  return text.slice(0, largest)
}

function insert(text: string, at: number, part: string): string {
  return text.slice(0, at) + part + text.slice(at)
}
