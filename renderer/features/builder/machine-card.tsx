import { Button } from '@mantine/core'
import type { Sample } from '../../../contract/health'
import type { RemoteFacts } from '../../../contract/remote'
import type { BuilderView } from '../../../contract/snapshot'
import { formatBytes, formatDuration, formatOffset, plural } from '../../../core/text/format'
import { Card, Fact, Facts } from '../../components/layout/card'
import { useCommands } from '../../state/api-context'

interface MachineCardProps {
  readonly builder: BuilderView
  readonly facts: RemoteFacts
  /** Something is being done with it. */
  readonly busy: boolean
}

/** A clock this far off confuses builds that compare times; less is below what the builder can tell. */
const clockOffMs = 2000

/** The machine as it is now where it is watched, else as it was when Millwright last looked. */
export function MachineCard({ builder: { id, health }, facts, busy }: MachineCardProps) {
  const { act } = useCommands()
  const sample = health?.sample
  const { osName, architecture, hostName, cpus, memoryBytes, nix } = facts
  const offsetMs = sample?.clockOffsetMs ?? 0
  return (
    <Card
      title="The machine"
      aside={
        <Button
          variant="subtle"
          size="compact-sm"
          disabled={busy}
          title="Counts what nobody needs there, and asks before it deletes it."
          onClick={() => void act('collect-garbage', { id })}
        >
          Free space…
        </Button>
      }
    >
      <Facts>
        <Fact name="Name">{hostName}</Fact>
        <Fact name="System">
          {osName}, {architecture}
        </Fact>
        <Fact name="CPUs">{plural(sample?.cpus ?? cpus, 'CPU')}</Fact>
        <Fact name="Memory" how={sample && `${formatBytes(sample.memoryFreeBytes)} free`}>
          {formatBytes(sample?.memoryBytes ?? memoryBytes)}
        </Fact>
        <FreeSpace facts={facts} sample={sample} />
        {sample?.uptimeSeconds !== undefined && (
          <Fact name="Up for">{formatDuration(sample.uptimeSeconds * 1000)}</Fact>
        )}
        {nix && (
          <Fact name="Nix" how={nix.kind}>
            {sample?.nixVersion ?? nix.version}
          </Fact>
        )}
        {Math.abs(offsetMs) >= clockOffMs && (
          <Fact name="Clock" how="Builds that compare times may go wrong.">
            {formatOffset(offsetMs)}
          </Fact>
        )}
      </Facts>
    </Card>
  )
}

function FreeSpace({ facts, sample }: { facts: RemoteFacts; sample: Sample | undefined }) {
  const free = sample?.storeFreeBytes
  if (free === undefined) {
    return (
      <Fact name="Free space" how="in its store, when it was added">
        {formatBytes(facts.storeFreeBytes)}
      </Fact>
    )
  }
  const { storeBytes, buildFreeBytes } = sample ?? {}
  // On the same file system the two differ by nothing that matters.
  const isApart = buildFreeBytes !== undefined && Math.abs(buildFreeBytes - free) > 0.01 * free
  const builds = isApart ? `; ${formatBytes(buildFreeBytes)} where it builds` : ''
  return (
    <Fact name="Free space" how={`in its store${builds}`}>
      {formatBytes(free)}
      {storeBytes !== undefined && ` of ${formatBytes(storeBytes)}`}
    </Fact>
  )
}
