import type { BrokenLine, ReachableMachine } from '../../../contract/snapshot'
import { readForeignMachines } from '../../../core/nix/foreign-machines'
import { dialectOf } from '../../../core/nix/machines'
import { parseNixVersion } from '../../../core/nix/nix-version'
import { formatAddress } from '../../../core/ssh/address'

/** What machines files of others hold: entries to adopt, and lines that stop every builder. */
export function readForeignMachinesOf(
  files: readonly { readonly path: string; readonly text: string }[],
  nixVersion: string | undefined,
): { readonly reachable: readonly ReachableMachine[]; readonly broken: readonly BrokenLine[] } {
  const version = nixVersion === undefined ? undefined : parseNixVersion(nixVersion)
  const read = files.map(({ path, text }) => ({
    path,
    lines: text.split('\n'),
    ...readForeignMachines(text, version ? dialectOf(version) : 'old'),
  }))
  return {
    reachable: read.flatMap(({ path, adoptable }) =>
      adoptable.map(({ address, machine }) => ({
        address: formatAddress(address),
        label: address.host,
        source: 'machines-file' as const,
        detail: [machine.systems?.join(', '), path].filter(Boolean).join(' · '),
      })),
    ),
    broken: read.flatMap(({ path, lines, broken }) =>
      broken.map(({ line, message, mended }) => ({
        path,
        line,
        text: lines[line - 1] ?? '',
        message,
        ...(mended ? { mended } : {}),
      })),
    ),
  }
}
