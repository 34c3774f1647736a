import { Button, type ButtonProps, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useCommands } from '../../state/api-context'

interface CopyButtonProps extends ButtonProps {
  readonly text: string
  readonly label?: string
  /** What is copied, for a screen reader, where the label alone does not say. */
  readonly what?: string
}

const shownMs = 2000

/** Copies through the app (the page itself has no clipboard) and says that it did. */
export function CopyButton({ text, label = 'Copy', what, ...props }: CopyButtonProps) {
  const { act } = useCommands()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [copied])
  const icon = copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
  return (
    <Button
      variant="subtle"
      leftSection={icon}
      onClick={async () => setCopied(await act('copy-text', { text }))}
      {...props}
    >
      {copied ? 'Copied' : label}
      {what && <VisuallyHidden>&nbsp;{what}</VisuallyHidden>}
      <VisuallyHidden role="status">{copied && 'Copied'}</VisuallyHidden>
    </Button>
  )
}
