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
    const where = line > 0 ? `${file}:${line}` : file
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
