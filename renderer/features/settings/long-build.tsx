import { NumberInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import styles from './settings.module.css'

interface LongBuildProps {
  readonly minutes: number
  readonly disabled: boolean
  readonly onChange: (minutes: number) => void
}

const most = 1440

/** From when on a build is long. Sent when the person is done with the field, not with each digit. */
export function LongBuild({ minutes, disabled, onChange }: LongBuildProps) {
  const [typed, setTyped] = useState<number | string>(minutes)
  useEffect(() => setTyped(minutes), [minutes])
  const send = () => {
    const wanted = typed === '' ? minutes : Math.min(Math.max(Math.round(Number(typed)), 1), most)
    setTyped(wanted)
    if (wanted !== minutes) onChange(wanted)
  }
  return (
    <div className={styles.minutes} data-disabled={disabled || undefined}>
      A build is long from
      <NumberInput
        aria-label="Minutes from which a build is long"
        className={styles.number ?? ''}
        value={typed}
        min={1}
        max={most}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        disabled={disabled}
        onChange={setTyped}
        onBlur={send}
        onKeyDown={(event) => event.key === 'Enter' && send()}
      />
      min on
    </div>
  )
}
