import { useState } from 'react'
import type { Failure } from '../../../contract/failure'
import type { JobView } from '../../../contract/job'
import type { ModeName, ModeView } from '../../../contract/mode'
import type { BrokenLine, Snapshot } from '../../../contract/snapshot'
import { createFailure } from '../../../core/failures/failure'
import { modeWords, overriddenWords } from '../../../core/modes/mode-words'
import { FailurePanel } from '../../components/messages/failure-panel'
import { Notice } from '../../components/messages/notice'
import { Refused } from '../../components/messages/refused'
import { CodeBlock } from '../../components/text/code-block'
import { useCommands } from '../../state/api-context'
import { useJob } from '../../state/use-job'
import { DiskNotices } from './disk-notices'
import styles from './notices.module.css'

interface NoticesProps {
  readonly snapshot: Snapshot
  /** Also of builders that run out of space. */
  readonly disks?: boolean
}

/** What stands in the way on this computer, the worst first. */
export function Notices({ snapshot, disks = false }: NoticesProps) {
  const [trayKnown, setTrayKnown] = useState(readTrayKnown)
  const { helper, nixFailure, brokenLines, tray, jobs, modes } = snapshot
  return (
    <div className={styles.notices}>
      <Refused />
      {jobs.filter(isFailedAside).map((job) => (
        <FailedJob key={job.id} job={job} />
      ))}
      <Overridden mode="remote-only" view={modes.remoteOnly} />
      <Overridden mode="local-only" view={modes.localOnly} />
      {nixFailure && <FailurePanel failure={nixFailure} />}
      <HelperNotice helper={helper} jobs={jobs} />
      {brokenLines.map((broken) => (
        <BrokenLineNotice key={`${broken.path}:${broken.line}`} broken={broken} />
      ))}
      {disks && <DiskNotices snapshot={snapshot} />}
      {helper.warnings.map((warning) => (
        <Notice key={warning} tone="attention" title="The system’s Nix files need a look">
          {warning}
        </Notice>
      ))}
      {tray === 'absent' && !trayKnown && (
        <Notice
          tone="calm"
          title="This desktop shows no tray icons"
          onDismiss={() => {
            rememberTrayKnown()
            setTrayKnown(true)
          }}
        >
          Everything works from this window. Start Millwright again to bring it back.
        </Notice>
      )}
    </div>
  )
}

/** Work that is about no builder has no row to say why it failed. */
const isFailedAside = ({ kind, state }: JobView) =>
  (kind === 'mode' || kind === 'install-helper') && state === 'failed'

function FailedJob({ job }: { job: JobView }) {
  const { dismiss } = useJob(job)
  return job.failure && <FailurePanel failure={job.failure} onDismiss={dismiss} />
}

/** Said quietly where the switch is off and in force all the same: that is somebody's own choice. */
function Overridden({ mode, view }: { mode: ModeName; view: ModeView }) {
  const words = overriddenWords(view)
  if (!words) return null
  return (
    <Notice tone={view.inForce ? 'calm' : 'attention'} title={modeWords(mode).title}>
      {words}
    </Notice>
  )
}

/** One click installs it where that needs no more than an administrator's yes; else there is the command to copy. */
function HelperNotice({ helper, jobs }: Pick<Snapshot, 'helper' | 'jobs'>) {
  const { act } = useCommands()
  const failure = failureOfHelper(helper)
  if (!failure) return null
  const isAtWork = jobs.some(({ kind, state }) => kind === 'install-helper' && state === 'running')
  const label = helper.state === 'missing' ? 'Install it' : 'Install it again'
  const mend = { label, isAtWork, go: () => void act('install-helper', {}) }
  return <FailurePanel failure={failure} mend={helper.isInstallable ? mend : undefined} />
}

const helperCodes = {
  missing: 'HELPER_MISSING',
  insecure: 'HELPER_INSECURE',
  outdated: 'HELPER_OUTDATED',
} as const

function failureOfHelper({ state, version, installCommand }: Snapshot['helper']): Failure | undefined {
  if (state === 'ready') return undefined
  const facts = { command: installCommand, ...(version === undefined ? {} : { helper: version }) }
  return createFailure(helperCodes[state], facts)
}

function BrokenLineNotice({ broken }: { broken: BrokenLine }) {
  const { path, line, text, message, mended } = broken
  return (
    <Notice tone="broken" title={`Nix uses no builder because of line ${line} of ${path}`}>
      <p>It says: {message}</p>
      <CodeBlock text={text} label={`Line ${line}`} />
      {mended !== undefined && (
        <>
          <p className={styles.mended}>This is how it could be:</p>
          <CodeBlock text={mended} label="The mended line" />
        </>
      )}
    </Notice>
  )
}

const trayKey = 'tray-absence-known'

function readTrayKnown(): boolean {
  try {
    return localStorage.getItem(trayKey) !== null
  } catch {
    // Without storage nothing is remembered.
    return false
  }
}

/** Without storage it is said again at the next start, which does no harm. */
function rememberTrayKnown(): void {
  try {
    localStorage.setItem(trayKey, 'yes')
  } catch {
    // It is said again.
  }
}
