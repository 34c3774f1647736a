import { Button } from '@mantine/core'
import { useId } from 'react'
import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { canBeOffered } from '../../../core/status/builder-words'
import { Switch } from '../../components/controls/switch'
import { Card } from '../../components/layout/card'
import { isActive } from '../../labels/state-label'
import { JobSteps } from '../../sheet/job-steps'
import { useCommands } from '../../state/api-context'
import { offerSentence } from './offer-sentence'
import styles from './substituter.module.css'
import { useSubstituter } from './use-substituter'

interface SubstituterCardProps {
  readonly builder: BuilderView
  readonly job: JobView | undefined
}

/** Whether what a builder has is fetched from there, for whom, and how far signing is. */
export function SubstituterCard({ builder, job }: SubstituterCardProps) {
  const { act } = useCommands()
  const { set, busy: sending, dialog } = useSubstituter(builder)
  const { id, substituter } = builder
  const { offered, me, everyone, signing, isForMeAlone } = substituter
  const active = job !== undefined && isActive(job)
  const isWorking = active && (job.kind === 'offer-substituter' || job.kind === 'withdraw-substituter')
  const busy = active || sending
  const possible = canBeOffered(builder)
  return (
    <Card
      title="Substituter"
      aside={
        offered && (
          <Button
            variant="subtle"
            color="broken"
            size="compact-sm"
            disabled={busy}
            title="Deletes the key there and trusts it no longer. What was fetched stays."
            onClick={() => void act('withdraw-substituter', { id })}
          >
            Withdraw
          </Button>
        )
      }
    >
      <div className={styles.scopes}>
        <Switch
          name={`Use ${id} as substituter for me`}
          checked={me}
          busy={busy}
          disabled={!possible}
          onPress={() => set('me', !me)}
        >
          Use its builds, for me
        </Switch>
        {!isForMeAlone && (
          <Switch
            name={`Use ${id} as substituter for everyone`}
            checked={everyone}
            busy={busy}
            disabled={!possible}
            onPress={() => set('everyone', !everyone)}
          >
            For everyone <span className={styles.dim}>· needs an administrator</span>
          </Switch>
        )}
      </div>
      {isWorking ? (
        <div className={styles.job}>
          <JobSteps job={job} />
        </div>
      ) : (
        <p className={styles.more}>
          {offered
            ? 'What it builds is signed there, and this computer trusts its key.'
            : possible
              ? offerSentence(id)
              : 'It can be offered once it answers and has proven itself.'}
        </p>
      )}
      {signing && <Signing {...signing} />}
      {dialog}
    </Card>
  )
}

function Signing({ done, total }: { readonly done: number; readonly total: number }) {
  const id = useId()
  return (
    <div className={styles.signing}>
      <p id={id} className={styles.dim}>
        Signing what is already there: {done.toLocaleString('en')} of {total.toLocaleString('en')} paths
      </p>
      <progress className={styles.progress} aria-labelledby={id} value={done} max={Math.max(total, 1)} />
    </div>
  )
}
