import type { OtherLine, OtherMachine } from '../../contract/daemon'
import type { UnmanagedBuilder } from '../../contract/snapshot'
import { storeOf } from './builder-lines'
import { hostOf } from './same-machine'

/**
 * The store by which the daemon reaches a machine over SSH: the columns for the key and the pin become its parameters
 * (machines.cc). Undefined for a store of another kind.
 */
export function storeWithColumns({ uri, sshKey, publicHostKey }: OtherMachine): string | undefined {
  if (!/^ssh(-ng)?:\/\/[^-/?]/.test(uri)) return undefined
  const columns = { 'ssh-key': sshKey, 'base64-ssh-public-host-key': publicHostKey }
  const parameters = Object.entries(columns).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  const glue = uri.includes('?') ? '&' : '?'
  return parameters.length === 0 ? uri : `${uri}${glue}${parameters.join('&')}`
}

/** The builders of lines that others wrote, by the host or alias that stands there; a store that has none by its name. */
export function unmanagedBuilders(
  lines: readonly OtherLine[],
  alsoOffered: readonly { readonly id: string; readonly file: string; readonly line: number }[],
): UnmanagedBuilder[] {
  return lines.map(({ key, file, line, isDeclared, machine }) => {
    const where = otherPlaceText({ file, line })
    const same = alsoOffered.find((one) => one.file === file && one.line === line)
    return {
      name: machine ? (hostOf(machine.uri) ?? storeOf(machine.uri)) : where,
      where,
      ...(key === undefined ? {} : { key }),
      ...(isDeclared ? { isDeclared } : {}),
      ...(machine ? { machine } : {}),
      ...(same ? { builder: same.id } : {}),
    }
  })
}

/** The slots of a machine of others, as Nix names them (build-remote.cc, openSlotLock). */
export function slotNameOf({ uri }: OtherMachine): string {
  return uri.replaceAll('/', '_')
}

/** `FILE:LINE`, or what else it stands in. */
export function otherPlaceText({ file, line }: Pick<OtherLine, 'file' | 'line'>): string {
  return line > 0 ? `${file}:${line}` : file
}

/** Those that a person means by a name, an address as it is written, or the place of the line. */
export function findUnmanaged(all: readonly UnmanagedBuilder[], name: string): readonly UnmanagedBuilder[] {
  const places = all.filter(({ where }) => where === name)
  if (places.length > 0) return places
  return all.filter(({ name: own, machine }) => own === name || machine?.uri === name)
}
/** What stands before a line that Millwright has taken over: a comment in every Nix's eyes, and the line goes on behind it. */
function markOf(id: string): string {
  return `# millwright adopted ${id}: `
}

/**
 * A machines file with one line (1-based) turned into a comment. Undefined where that would not keep Nix from it: the
 * comment of an old Nix ends at a `;`. One character per byte.
 */
export function takeLine(text: string, line: number, id: string): string | undefined {
  const lines = text.split('\n')
  const taken = lines[line - 1]
  if (taken === undefined || taken.includes(';')) return undefined
  return lines.with(line - 1, markOf(id) + taken).join('\n')
}

/** The file with lines given back, byte for byte: those of builders that are no longer adopted. */
export function giveLinesBack(text: string, isAdopted: (id: string) => boolean): string {
  return text
    .split('\n')
    .map((line) => {
      const [mark, id = ''] = /^# millwright adopted ([a-z][a-z0-9-]{0,31}): /.exec(line) ?? []
      return mark === undefined || isAdopted(id) ? line : line.slice(mark.length)
    })
    .join('\n')
}
