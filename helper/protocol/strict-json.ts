const token = /\s*(?:("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+))/y

/**
 * JSON.parse, but a key that stands twice in one object is an error: it would mean one thing to us and
 * another to whoever checked the text before. Throws SyntaxError.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const open: (Set<string> | undefined)[] = []
  let previous = ''
  token.lastIndex = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, string, mark] = match
    if (mark === '{') open.push(new Set())
    else if (mark === '[') open.push(undefined)
    else if (mark === '}' || mark === ']') open.pop()
    else if (string !== undefined && (previous === '{' || previous === ',')) addKey(open.at(-1), string)
    previous = mark ?? ''
  }
  return value
}

function addKey(keys: Set<string> | undefined, token: string): void {
  if (!keys) return
  const key = String(JSON.parse(token))
  if (keys.has(key)) throw new SyntaxError(`The key ${token} stands twice in one object.`)
  keys.add(key)
}
