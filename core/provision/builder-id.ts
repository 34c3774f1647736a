/** The longest that `BuilderId` lets pass. */
const maxLength = 32

/** An id that is valid and not taken, as near to the machine's own name as can be: `anna` for anna.lan. */
export function suggestBuilderId(host: string, taken: Iterable<string>): string {
  const used = new Set(taken)
  const base = baseId(host)
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? '' : `-${count}`
    const id = `${base.slice(0, maxLength - suffix.length)}${suffix}`
    if (!used.has(id)) return id
  }
}

function baseId(host: string): string {
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host)
  const label = isAddress ? '' : (host.split('.')[0] ?? '')
  const id = label
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
  return id.slice(0, maxLength) || 'builder'
}
