import { createHash } from 'node:crypto'
import { hostname } from 'node:os'

/** What ssh_config(5) TOKENS stand for. */
interface Tokens {
  readonly homeDir: string
  /** Who runs ssh here. */
  readonly userName: string
  readonly host: string
  readonly user: string
  readonly port: number
  readonly alias: string
  readonly hostKeyAlias: string | undefined
  readonly jump: string | undefined
}

/** A file name with `~`, tokens and `${VARIABLE}` replaced; undefined when one of them is not known. */
export type Expand = (text: string) => string | undefined

export function createExpand(tokens: Tokens): Expand {
  const { homeDir, userName, host, user, port, alias, hostKeyAlias, jump = '' } = tokens
  const here = hostname()
  const connection = [here, host, String(port), user, jump].join('')
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    C: createHash('sha1').update(connection).digest('hex'),
    L: here.split('.')[0] ?? here,
    d: homeDir,
    h: host,
    i: String(process.getuid?.() ?? ''),
    j: jump,
    k: hostKeyAlias ?? alias,
    l: here,
    n: alias,
    p: String(port),
    r: user,
    u: userName,
  }
  return (text) => {
    let isKnown = true
    const pick = (value: string | undefined) => {
      isKnown &&= value !== undefined
      return value ?? ''
    }
    const expanded = text
      .replace(/^~(?=\/)/, homeDir)
      .replace(/%(.)|\$\{(\w+)\}/g, (_, token, name) => pick(token ? values[token] : process.env[name]))
    return isKnown ? expanded : undefined
  }
}
