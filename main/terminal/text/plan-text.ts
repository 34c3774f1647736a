import type { Plan } from '../../../contract/remote'

/** The plan as a person reads it before anything happens. */
export function planText({ changes, derived, consents }: Plan): string {
  const side = (where: 'remote' | 'local', title: string) => {
    const lines = changes
      .filter((change) => change.where === where)
      .map((change) => `  - ${change.what}\n      ${change.target}\n      undo: ${change.undo}\n`)
    return lines.length > 0 ? `${title}\n${lines.join('')}` : ''
  }
  return [
    side('remote', 'There:'),
    side('local', 'On this computer:'),
    derived.length > 0
      ? `Found:\n${derived.map(({ name, value, how }) => `  ${name}: ${value || '-'} (${how})\n`).join('')}`
      : '',
    consents.map((consent) => `${consent}\n`).join(''),
  ].join('')
}
