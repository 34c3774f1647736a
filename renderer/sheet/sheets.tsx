import { useState } from 'react'
import type { Failure } from '../../contract/failure'
import type { JobView } from '../../contract/job'
import type { Snapshot } from '../../contract/snapshot'
import { useCommands } from '../state/api-context'
import { type AddForm, emptyForm, readOptions } from './add-form'
import { ChooseSheet } from './choose-sheet'
import { jobForSheet } from './job-for-sheet'
import { JobSheet } from './job-sheet'

interface SheetsProps {
  readonly snapshot: Snapshot
  readonly adding: boolean
  readonly onAdding: (adding: boolean) => void
  readonly onShow: (id: string) => void
}

/** At most one sheet: the job that needs the person, else the one to begin adding. Keeps what was typed. */
export function Sheets({ snapshot, adding, onAdding, onShow }: SheetsProps) {
  const { call, act } = useCommands()
  const [draft, setDraft] = useState<AddForm>(emptyForm)
  const [failure, setFailure] = useState<Failure>()
  const [starting, setStarting] = useState(false)
  const job = jobForSheet(snapshot.jobs)

  const start = async (wanted: AddForm, ended?: JobView) => {
    const read = readOptions(wanted)
    if (!read.ok) return
    setDraft(wanted)
    setFailure(undefined)
    setStarting(true)
    const reply = await call('add-builder', { address: wanted.address, options: read.options })
    setStarting(false)
    if (ended) void act('dismiss-job', { jobId: ended.id })
    onAdding(!reply.ok)
    if (!reply.ok) setFailure(reply.failure)
  }
  const typed = (ended: JobView): AddForm =>
    draft.address === '' ? { ...draft, address: ended.address } : draft

  if (job) {
    return (
      <JobSheet
        key={job.kind}
        job={job}
        onRetryAdd={() => void start(typed(job), job)}
        onEdit={() => {
          setDraft(typed(job))
          onAdding(true)
          void act('dismiss-job', { jobId: job.id })
        }}
        onShow={onShow}
        onDone={() => {
          setDraft(emptyForm)
          onAdding(false)
          void act('dismiss-job', { jobId: job.id })
        }}
      />
    )
  }
  return (
    <ChooseSheet
      opened={adding}
      snapshot={snapshot}
      draft={draft}
      failure={failure}
      starting={starting}
      onDraft={setDraft}
      onStart={(wanted) => void start(wanted)}
      onClose={() => {
        setDraft(emptyForm)
        setFailure(undefined)
        onAdding(false)
      }}
    />
  )
}
