import type { BuilderView, Snapshot } from '../../../contract/snapshot'
import { exportFleet } from '../../../core/export/export-fleet'
import { fleetOfOne } from '../../../core/export/fleet'
import { Card, Fact, Facts } from '../../components/layout/card'
import { Badge } from '../../components/signs/badge'
import { CopyButton } from '../../components/text/copy-button'
import { howFound } from '../../labels/derived'
import styles from './builder-page.module.css'
import { SharingFact } from './sharing-fact'

interface NixCardProps {
  readonly builder: BuilderView
  /** They name where root's key to it lies. */
  readonly localFiles: Snapshot['localFiles']
}

/** What the machines file says of it, with how each value was found. */
export function NixCard({ builder, localFiles }: NixCardProps) {
  const { systems, supportedFeatures, mandatoryFeatures, maxJobs, speedFactor, derived } = builder
  return (
    <Card
      title="As Nix sees it"
      aside={
        <CopyButton
          text={exportFleet('nixos', fleetOfOne(builder, localFiles))}
          label="Copy as Nix"
          what={`what NixOS and nix-darwin would write of ${builder.id}`}
          size="compact-sm"
        />
      }
    >
      <Facts>
        <Fact name="Systems" how={howFound(derived, 'systems')}>
          {systems.join(', ')}
        </Fact>
        <Fact name="Features" how={howFound(derived, 'supportedFeatures')}>
          {supportedFeatures.length > 0 ? supportedFeatures.join(', ') : 'none'}
        </Fact>
        {mandatoryFeatures.length > 0 && (
          <Fact name="Only builds with" how="Takes nothing that does not ask for these.">
            {mandatoryFeatures.join(', ')}
          </Fact>
        )}
        <Fact name="Jobs" how={howFound(derived, 'maxJobs')}>
          {maxJobs}
        </Fact>
        <Fact name="Speed" how={howFound(derived, 'speedFactor')}>
          × {speedFactor}
        </Fact>
        <Fact name="Protocol" how={howFound(derived, 'protocol')}>
          {builder.protocol}
        </Fact>
        <SharingFact builder={builder} />
        <Fact name="Address">
          {builder.user}@{builder.host}, port {builder.port}
        </Fact>
        {builder.login && (
          <Fact
            name="Set up as"
            how="This login is used again only to change something there, or to remove it."
          >
            {builder.login}
          </Fact>
        )}
        <Fact name={builder.fingerprints.length === 1 ? 'Host key' : 'Host keys'}>
          {builder.fingerprints.map(({ type, fingerprint }) => (
            <span key={fingerprint} className={styles.key}>
              <Badge>{type}</Badge>
              <br />
              <code>{fingerprint}</code>
            </span>
          ))}
        </Fact>
      </Facts>
    </Card>
  )
}
