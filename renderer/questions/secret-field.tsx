import { PasswordInput } from '@mantine/core'
import styles from './question-card.module.css'

interface SecretFieldProps {
  readonly name: string
  readonly label: string
  /** What became of the last one. */
  readonly again?: string | undefined
  /** Where it goes. */
  readonly hint?: string
  /** Takes the focus when the question appears. */
  readonly first?: boolean
}

/** Where a secret is typed. Uncontrolled on purpose: it never becomes part of the window's state. */
export function SecretField({ name, label, again, hint, first = true }: SecretFieldProps) {
  return (
    <PasswordInput
      className={styles.field ?? ''}
      name={name}
      data-autofocus={first || undefined}
      label={label}
      description={hint}
      required
      withAsterisk={false}
      autoComplete="off"
      spellCheck={false}
      error={again}
      visibilityToggleButtonProps={{ 'aria-label': `Show what is typed: ${label}` }}
    />
  )
}

/** A field's text as typed. */
export function typedText(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}
