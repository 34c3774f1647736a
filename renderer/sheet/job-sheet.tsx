import { Button, Modal, VisuallyHidden } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { JobView } from '../../contract/job'
import { failureWords } from '../../core/failures/words'
import { jobRow } from '../../core/jobs/kinds'
import { jobTitle, stepWords } from '../../core/jobs/words'
import { formatDuration } from '../../core/text/format'
import { FailurePanel } from '../components/messages/failure-panel'
import { isActive } from '../labels/state-label'
import { QuestionView } from '../questions/question-view'
import { useCommands } from '../state/api-context'
import { useJob } from '../state/use-job'
import { JobEnd } from './job-end'
import styles from './job-sheet.module.css'
import { JobSteps } from './job-steps'
import { LeftBehind } from './left-behind'
import { SheetFoot, SheetScroll } from './sheet-frame'

interface JobSheetProps {
  readonly job: JobView
  readonly onRetryAdd: () => void
  readonly onEdit: () => void
  readonly onShow: (id: string) => void
  readonly onDone: () => void
}

/** A job from its first step to its end. While it runs, Escape does nothing: leaving must be meant. */
export function JobSheet({ job, onRetryAdd, onEdit, onShow, onDone }: JobSheetProps) {
  const { act } = useCommands()
  const { cancel, retry } = useJob(job)
  const steps = useRef<HTMLDivElement>(null)
  const done = useRef<HTMLButtonElement>(null)
  const askedId = job.asked?.id
  const active = isActive(job)
  const isDone = job.state === 'done'
  // A question, or a button that goes, takes the focus with it; the steps are what is left to follow.
  useEffect(() => {
    if (isDone) done.current?.focus()
    else if (askedId === undefined || !active) steps.current?.focus({ preventScroll: true })
  }, [askedId, active, isDone])

  const isAdd = job.kind === 'add'
  const other = otherBuilder(job)
  const show = (id: string) => {
    onDone()
    onShow(id)
  }
  const undoAll = () => {
    onDone()
    void act('remove-builder', { id: job.builderId, localOnly: false })
  }
  return (
    <Modal
      opened
      onClose={() => !active && onDone()}
      closeOnEscape={!active}
      withCloseButton={false}
      title={title(job)}
      size={600}
    >
      <SheetScroll>
        <p className={styles.address}>{job.address}</p>
        <VisuallyHidden aria-live="polite">{announcement(job)}</VisuallyHidden>
        <div ref={steps} tabIndex={-1} data-autofocus={(!job.asked && !isDone) || undefined}>
          <JobSteps
            job={job}
            question={job.asked && <QuestionView key={job.asked.id} jobId={job.id} asked={job.asked} />}
          />
        </div>
        {job.state === 'failed' && job.failure && (
          <div className={styles.end}>
            <FailurePanel
              failure={job.failure}
              onRetry={isAdd ? onRetryAdd : retry}
              onEdit={isAdd ? onEdit : undefined}
              onShowBuilder={other === undefined ? undefined : () => show(other)}
            />
          </div>
        )}
        <JobEnd job={job} />
        <LeftBehind sentences={job.leftBehind} onCleanUp={isCleanable(job) ? undoAll : undefined} />
      </SheetScroll>
      {active ? (
        <SheetFoot note={changeNote(job)}>
          <Button onClick={cancel} disabled={job.state === 'undoing'}>
            {job.changed ? 'Cancel and undo' : 'Cancel'}
          </Button>
        </SheetFoot>
      ) : (
        <SheetFoot note={job.durationMs !== undefined && `Took ${formatDuration(job.durationMs)}.`}>
          {isAdd && job.state === 'done' && (
            <>
              <Button variant="subtle" color="broken" onClick={undoAll}>
                Undo all of it
              </Button>
              <Button onClick={() => show(job.builderId)}>Show {short(job.builderId)}</Button>
            </>
          )}
          {isAdd && job.state === 'cancelled' && <Button onClick={onEdit}>Start again</Button>}
          <Button variant="filled" onClick={onDone} ref={done} data-autofocus={isDone || undefined}>
            {job.state === 'failed' ? 'Close' : 'Done'}
          </Button>
        </SheetFoot>
      )}
    </Modal>
  )
}

/** What a removal, or adding, has left on a machine is cleaned up by removing; a failed removal is tried again above. */
const isCleanable = ({ kind, state, isUnsettled }: JobView) =>
  (kind === 'add' && state !== 'done') || (kind === 'remove' && state === 'done' && isUnsettled === true)

/** The builder that the machine turned out to be. */
function otherBuilder({ builderId, failure }: JobView): string | undefined {
  const isOffered = failure && failureWords(failure).action?.kind === 'show-builder'
  return isOffered && failure.facts.builder !== builderId ? failure.facts.builder : undefined
}

const short = (id: string) => (id.length > 16 ? 'it' : id)

function title(job: JobView): string {
  const { kind, builderId, state } = job
  if (state === 'done') return jobRow(kind).done?.(builderId) ?? jobTitle(kind, builderId)
  if (state === 'failed') return `${jobTitle(kind, builderId)} did not work`
  if (state === 'cancelled') return `${jobTitle(kind, builderId)} was cancelled`
  if (state === 'undoing') return `${jobTitle(kind, builderId)}: taking it back`
  return jobTitle(kind, builderId)
}

/** Said aloud as it happens: the step at hand. Questions speak for themselves by taking the focus. */
function announcement(job: JobView): string {
  const step = job.steps.find(({ state }) => state === 'running')
  return isActive(job) && step ? stepWords(step.name, step.state) : title(job)
}

function changeNote({ kind, state, changed }: JobView): string {
  if (state === 'undoing') return 'Taking back what was done. This may take a moment.'
  const { undo } = jobRow(kind)
  return (changed ? undo?.changed : undo?.unchanged) ?? ''
}
