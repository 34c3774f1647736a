import { VisuallyHidden } from '@mantine/core'
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { JobView, StepView } from '../../contract/job'
import { stepWords } from '../../core/jobs/words'
import { formatDuration, formatElapsed } from '../../core/text/format'
import { isActive } from '../labels/state-label'
import styles from './job-steps.module.css'

interface JobStepsProps {
  readonly job: JobView
  /** The question, inside the step that needs it. */
  readonly question?: React.ReactNode
}

const stateNames: Record<StepView['state'], string> = {
  waiting: 'to do',
  running: 'running',
  done: 'done',
  failed: 'failed',
  skipped: 'left out',
}

/** The steps of a job as they tick off, with their times and what they found. */
export function JobSteps({ job, question }: JobStepsProps) {
  // After a failure, what was not begun says nothing.
  const isWhole = job.state === 'done' || isActive(job)
  const shown = isWhole ? job.steps : job.steps.filter(({ state }) => state !== 'skipped')
  return (
    <ol className={styles.steps}>
      {shown.map((step) => {
        const here = step.state === 'running'
        return (
          <li key={step.name} className={styles.step} data-state={step.state}>
            <StepMark state={step.state} />
            <span className={styles.words}>
              {stepWords(step.name, step.state)}
              <VisuallyHidden>, {stateNames[step.state]}</VisuallyHidden>
              {step.note && <span className={styles.note}> — {step.note}</span>}
            </span>
            <span className={styles.time}>
              {step.durationMs !== undefined && formatDuration(step.durationMs)}
              {here && (job.state === 'asking' ? 'waiting for you' : <Elapsed key={step.name} />)}
            </span>
            {here && question && <div className={styles.question}>{question}</div>}
          </li>
        )
      })}
    </ol>
  )
}

function StepMark({ state }: { state: StepView['state'] }) {
  return (
    <span className={styles.mark} data-state={state} aria-hidden>
      {state === 'done' && <IconCheck size={11} stroke={3} />}
      {state === 'failed' && <IconX size={11} stroke={3} />}
      {state === 'skipped' && <IconMinus size={11} stroke={2.5} />}
    </span>
  )
}

/** Seconds since it was first seen; says nothing in the first, which most steps do not outlive. */
function Elapsed() {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds((now) => now + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  return seconds > 0 ? formatElapsed(seconds * 1000) : null
}
