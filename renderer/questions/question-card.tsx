import { Button } from '@mantine/core'
import { useEffect, useId, useRef } from 'react'
import { FailurePanel } from '../components/messages/failure-panel'
import { bringIntoView } from './bring-into-view'
import styles from './question-card.module.css'
import type { Answering } from './use-answer'

interface QuestionCardProps {
  readonly title: string
  readonly explain: React.ReactNode
  readonly yes: string
  readonly no: string
  readonly answering: Answering
  /** Called with the fields as they are; they are emptied right after. */
  readonly onYes: (fields: FormData) => void
  readonly children?: React.ReactNode
}

/**
 * A question in its place. It takes the focus: the first field where something is to be typed, else the card
 * itself, so that a screen reader reads the question and a stray Enter answers nothing. What is typed stays
 * in the page's own fields, never in state, and is emptied as soon as it is sent.
 */
export function QuestionCard({ title, explain, yes, no, answering, onYes, children }: QuestionCardProps) {
  const form = useRef<HTMLFormElement>(null)
  const id = useId()
  useEffect(() => {
    const card = form.current
    const field = card?.querySelector<HTMLInputElement>('[data-autofocus]')
    // The sheet's focus trap looks for the same mark when sheet and question appear together.
    if (!field) card?.setAttribute('data-autofocus', '')
    const target = field ?? card
    target?.focus({ preventScroll: true })
    if (card) bringIntoView(card)
  }, [])
  return (
    <form
      ref={form}
      tabIndex={-1}
      className={styles.card}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-explain`}
      onSubmit={(event) => {
        event.preventDefault()
        onYes(new FormData(event.currentTarget))
        event.currentTarget.reset()
      }}
    >
      <h3 id={`${id}-title`} className={styles.title}>
        {title}
      </h3>
      <div id={`${id}-explain`} className={styles.explain}>
        {explain}
      </div>
      {children}
      {answering.failure && <FailurePanel failure={answering.failure} />}
      <div className={styles.actions}>
        <Button disabled={answering.sending} onClick={() => answering.send({ kind: 'no' })}>
          {no}
        </Button>
        <Button type="submit" variant="filled" loading={answering.sending}>
          {yes}
        </Button>
      </div>
    </form>
  )
}
