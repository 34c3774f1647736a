/** Who comes from where, as sshd sees it. */
export interface Comer {
  readonly user: string
  /** IPv4 or IPv6, as in SSH_CONNECTION. */
  readonly address: string
  /** Its name in lower case where sshd looks names up (UseDNS), else its address. */
  readonly host: string
}

/** `*` and `?`, as in ssh_config(5), PATTERNS. */
export function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern.replace(/[^*?]/g, (letter) => letter.replace(/[\\^$.|+()[\]{}]/, '\\$&'))
  return new RegExp(`^${source.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`, 's').test(text)
}

/** One entry of AllowUsers or DenyUsers: USER, or USER@HOSTS with names, addresses and networks (sshd match.c). */
export function matchesUserPattern({ user, address, host }: Comer, pattern: string): boolean {
  const at = pattern.lastIndexOf('@')
  if (at < 0) return matchesPattern(user, pattern)
  const hosts = pattern.slice(at + 1).split(',')
  const ways = hosts.map((one) => one.replace(/^!/, '').toLowerCase())
  const matches = (one: string) =>
    isInNetwork(address, one) ?? (matchesPattern(address, one) || matchesPattern(host, one))
  const isBarred = hosts.some((one, index) => one.startsWith('!') && matches(ways[index] ?? ''))
  const isNamed = hosts.some((one, index) => !one.startsWith('!') && matches(ways[index] ?? ''))
  return matchesPattern(user, pattern.slice(0, at)) && isNamed && !isBarred
}

/** Whether an address lies in ADDRESS/BITS; undefined where that is none. */
export function isInNetwork(address: string, network: string): boolean | undefined {
  const [, base = '', bits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(network) ?? []
  const wanted = toBits(base)
  if (wanted === undefined) return undefined
  const found = toBits(address)
  return found?.length === wanted.length && found.startsWith(wanted.slice(0, Number(bits)))
}

/** The bits of an address as a string of 32 or 128 digits; undefined for anything else. */
function toBits(address: string): string | undefined {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  if (/^\d+(\.\d+){3}$/.test(plain))
    return plain
      .split('.')
      .map((part) => binary(Number(part), 8))
      .join('')
  const [left, right, ...rest] = plain.split('::')
  if (left === undefined || rest.length > 0 || !/^[0-9a-f:]*$/i.test(plain) || !plain.includes(':'))
    return undefined
  const words = (text: string | undefined) => (text ? text.split(':') : [])
  const gap = right === undefined ? 0 : 8 - words(left).length - words(right).length
  if (gap < 0) return undefined
  const all = [...words(left), ...new Array<string>(gap).fill('0'), ...words(right)]
  return all.length === 8 ? all.map((word) => binary(Number.parseInt(word, 16), 16)).join('') : undefined
}

function binary(value: number, digits: number): string {
  return value.toString(2).padStart(digits, '0')
}
