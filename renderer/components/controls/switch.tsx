import styles from './switch.module.css'

interface SwitchProps {
  /** Its whole name for a screen reader; contains what stands beside it. */
  readonly name: string
  readonly checked: boolean
  readonly disabled?: boolean
  /** A change is on its way: presses do nothing, and the focus stays. */
  readonly busy?: boolean
  readonly describedBy?: string | undefined
  readonly title?: string | undefined
  readonly onPress: () => void
  /** What stands beside it. */
  readonly children?: React.ReactNode
}

/**
 * A switch that shows what is, never what was merely asked for: a press changes nothing by itself. The page's own
 * element, since a list may hold hundreds.
 */
export function Switch({
  name,
  checked,
  disabled,
  busy,
  describedBy,
  title,
  onPress,
  children,
}: SwitchProps) {
  return (
    <label className={styles.label} title={title} data-disabled={disabled || undefined}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        className={styles.switch}
        aria-label={name}
        aria-describedby={describedBy}
        aria-busy={busy || undefined}
        disabled={disabled}
        checked={checked}
        onChange={() => !busy && onPress()}
      />
      {children}
    </label>
  )
}
