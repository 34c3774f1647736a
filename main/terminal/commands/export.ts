import { Argument, type Command } from 'commander'
import * as g from '../../../contract/grammar'
import type { Snapshot } from '../../../contract/snapshot'
import { exportDocument } from '../../../core/export/export-document'
import { type ExportFormat, exportFleet, exportFormats } from '../../../core/export/export-fleet'
import { fleetOf, fleetOfOne } from '../../../core/export/fleet'
import { createFailure } from '../../../core/failures/failure'
import type { Terminal } from '../context'
import { grammar } from '../options'
import { endWith } from '../run-job'

/** `millwright export`: what is in force, to be written down elsewhere. */
export function exportCommands(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .description('print what is in force as lines, or as Nix to import')
    .addArgument(new Argument('<format>', 'what to print it as').choices(exportFormats))
    .argument('[id]', 'that builder alone, on or off', grammar(g.BuilderId, 'a name of a builder'))
    .option('--json', 'print one JSON document, which import reads')
    .action((format: ExportFormat, id: string | undefined, options: { json?: boolean }) =>
      print(terminal, format, id, options.json ?? false),
    )
}

async function print(
  terminal: Terminal,
  format: ExportFormat,
  id: string | undefined,
  json: boolean,
): Promise<void> {
  const { store } = await terminal.app()
  const fleet = fleetIn(store.snapshot(), id)
  if (!fleet) return endWith(terminal, { failure: createFailure('NO_SUCH_BUILDER', { builder: id ?? '' }) })
  terminal.io.out(json ? `${JSON.stringify(exportDocument(format, fleet))}\n` : exportFleet(format, fleet))
}

function fleetIn({ builders, unmanaged, localFiles }: Snapshot, id: string | undefined) {
  const others = unmanaged.flatMap(({ machine }) => machine ?? [])
  if (id === undefined) return fleetOf({ builders, others, localFiles })
  const builder = builders.find((one) => one.id === id)
  return builder && fleetOfOne(builder, localFiles)
}
