/** What a Nix expression of ours is made of: data alone, so that evaluating it needs no nixpkgs. */
export type NixValue =
  | string
  | number
  | boolean
  | null
  | readonly NixValue[]
  | { readonly [name: string]: NixValue }

/** Words that are no attribute name without quotes (Nix's lexer.l). */
const keywords = new Set(['if', 'then', 'else', 'assert', 'with', 'let', 'in', 'rec', 'inherit', 'or'])

/** The value as a person would write it, two spaces deep for each level; evaluating it gives the value back. */
export function renderNix(value: NixValue, indent = ''): string {
  if (typeof value === 'string') return renderString(value, indent)
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? renderList(value, indent) : renderSet(value as NixSet, indent)
}

type NixSet = { readonly [name: string]: NixValue }

function renderList(items: readonly NixValue[], indent: string): string {
  if (items.length === 0) return '[ ]'
  const isShort = items.every((item) => typeof item === 'string' && !isText(item))
  if (isShort) return `[ ${items.map((item) => renderNix(item)).join(' ')} ]`
  const inner = `${indent}  `
  // A negative number would otherwise be taken off the one before it.
  const lines = items.map((item) => {
    const text = renderNix(item, inner)
    return `${inner}${typeof item === 'number' && item < 0 ? `(${text})` : text}\n`
  })
  return `[\n${lines.join('')}${indent}]`
}

function renderSet(set: NixSet, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(set).map(
    ([name, value]) => `${inner}${renderName(name)} = ${renderNix(value, inner)};\n`,
  )
  return lines.length === 0 ? '{ }' : `{\n${lines.join('')}${indent}}`
}

function renderName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !keywords.has(name) ? name : quote(name)
}

function renderString(text: string, indent: string): string {
  if (!isText(text)) return quote(text)
  const lines = text.split('\n').slice(0, -1)
  const shown = lines.map((line) => (line === '' ? '\n' : `${indent}  ${line}\n`))
  return `''\n${shown.join('')}${indent}''`
}

/** Several lines that an indented string holds as they are: what it takes for an escape, or off the left, is not in it. */
function isText(text: string): boolean {
  return /^[!-~][ -~]*\n([ -~]*\n)+$/.test(text) && !/''|\$|'\n| \n/.test(text)
}

/** No way is known to write a zero byte; it is left out. */
function quote(text: string): string {
  const escaped = text
    .replaceAll('\0', '')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}
