import type { RemoteFacts } from '../../contract/remote'
import { formatBytes, plural } from '../../core/format'
import { Card, Fact, Facts } from '../parts/card'

/** The machine as it was when Millwright last looked. */
export function MachineCard({ facts }: { facts: RemoteFacts }) {
  const { osName, architecture, hostName, cpus, memoryBytes, storeFreeBytes, nix } = facts
  return (
    <Card title="The machine">
      <Facts>
        <Fact name="Name">{hostName}</Fact>
        <Fact name="System">
          {osName}, {architecture}
        </Fact>
        <Fact name="CPUs">{plural(cpus, 'CPU')}</Fact>
        <Fact name="Memory">{formatBytes(memoryBytes)}</Fact>
        <Fact name="Free space" how="in its store, when it was added">
          {formatBytes(storeFreeBytes)}
        </Fact>
        {nix && (
          <Fact name="Nix" how={nix.kind}>
            {nix.version}
          </Fact>
        )}
      </Facts>
    </Card>
  )
}
