import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { formatDuration } from '../../../core/text/format'
import { Card, Fact, Facts } from '../../components/layout/card'
import { Ago } from '../../components/text/ago'
import { isActive } from '../../labels/state-label'
import { JobSteps } from '../../sheet/job-steps'
import styles from './builder-page.module.css'

interface ProofCardProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
}

/** The last real build over there, and the one that is running now. */
export function ProofCard({ builder: { proof, health }, job }: ProofCardProps) {
  return (
    <Card title="Proof">
      {job?.kind === 'test' && isActive(job) && <JobSteps job={job} />}
      {proof ? (
        <Facts>
          <Fact name="Built on">{proof.builtOn}</Fact>
          <Fact name="When">
            <Ago at={proof.at} />, in {formatDuration(proof.durationMs)}
          </Fact>
          {health?.handshakeAt !== undefined && (
            <Fact name="Last asked" how="Root asked its Nix daemon, the way builds do, and it answered.">
              <Ago at={health.handshakeAt} />
            </Fact>
          )}
          <Fact name="Derivation" mono>
            {proof.drvPath}
          </Fact>
          <Fact name="Output" mono>
            {proof.outPath}
          </Fact>
        </Facts>
      ) : (
        <p className={styles.muted}>
          Nothing has been built there yet. A test build is the only evidence that all parts agree.
        </p>
      )}
    </Card>
  )
}
