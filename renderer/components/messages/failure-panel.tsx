import { Button, Group } from '@mantine/core'
import type { Failure } from '../../../contract/failure'
import { failureWords } from '../../../core/failures/words'
import { useCommands } from '../../state/api-context'
import { CopyButton } from '../text/copy-button'
import { ReadOnlyText } from '../text/read-only-text'
import styles from './failure-panel.module.css'
import { Notice } from './notice'

interface FailurePanelProps {
  readonly failure: Failure
  readonly onRetry?: (() => void) | undefined
  readonly onEdit?: (() => void) | undefined
  /** Of a builder: also what puts lines of ours back that Nix does not find any more. */
  readonly onResume?: (() => void) | undefined
  readonly onShowBuilder?: (() => void) | undefined
  readonly onDismiss?: (() => void) | undefined
  /** What this window can do about it by itself, before all that a person would have to do. */
  readonly mend?: { readonly label: string; readonly isAtWork: boolean; readonly go: () => void } | undefined
}

/** What happened, the likely cause, what to do (a button where we can), and the detail to copy. */
export function FailurePanel({
  failure,
  onRetry,
  onEdit,
  onResume,
  onShowBuilder,
  onDismiss,
  mend,
}: FailurePanelProps) {
  const { call } = useCommands()
  const { title, cause, remedy, action } = failureWords(failure)
  const ways: readonly { label: string; go: (() => void) | undefined }[] = [
    { label: kindLabel('retry', action) ?? 'Try again', go: onRetry },
    { label: kindLabel('edit', action) ?? 'Change what you typed', go: onEdit },
    { label: kindLabel('show-builder', action) ?? 'Show the builder', go: onShowBuilder },
  ]
  return (
    <Notice tone="broken" title={title} role="alert" onDismiss={onDismiss}>
      <p>{cause}</p>
      <p className={styles.remedy}>{remedy}</p>
      {failure.detail && (
        <div className={styles.detail}>
          <ReadOnlyText text={failure.detail} label="Detail" mostRows={6} wrap />
        </div>
      )}
      <Group gap={8} mt={10}>
        {mend && (
          <Button loading={mend.isAtWork} onClick={mend.go}>
            {mend.label}
          </Button>
        )}
        {action?.kind === 'copy-command' && action.text && (
          <CopyButton text={action.text} label={action.label} variant="default" />
        )}
        {action?.kind === 'look-again' && (
          <Button onClick={() => void call('look-around', {})}>{action.label}</Button>
        )}
        {action?.kind === 'resume' && onResume && <Button onClick={onResume}>{action.label}</Button>}
        {ways.map(
          ({ label, go }) =>
            go && (
              <Button key={label} onClick={go}>
                {label}
              </Button>
            ),
        )}
        <CopyButton text={report(failure)} label="Copy detail" />
      </Group>
    </Notice>
  )
}

type Action = ReturnType<typeof failureWords>['action']
const kindLabel = (kind: string, action: Action) => (action?.kind === kind ? action.label : undefined)

/** What a person sends to somebody who can help. */
function report(failure: Failure): string {
  const { title, cause, remedy } = failureWords(failure)
  const facts = Object.entries(failure.facts).map(([name, value]) => `${name}: ${value}`)
  const step = failure.step === undefined ? [] : [`step: ${failure.step}`]
  return [title, cause, remedy, '', `code: ${failure.code}`, ...step, ...facts, '', failure.detail ?? '']
    .join('\n')
    .trimEnd()
}
