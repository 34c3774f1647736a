import { TextInput } from '@mantine/core'
import type { Question } from '../../contract/job'
import { QuestionCard } from './question-card'
import styles from './question-card.module.css'
import { SecretField, typedText } from './secret-field'
import type { Answering } from './use-answer'

interface KeyboardInteractiveProps {
  readonly question: Extract<Question, { kind: 'keyboard-interactive' }>
  readonly answering: Answering
}

/** What the machine itself asks, in its own words, which are shown as text, under its name, and nothing else. */
export function KeyboardInteractive({ question: { host, prompts }, answering }: KeyboardInteractiveProps) {
  return (
    <QuestionCard
      title={`${host} asks before it lets you in.`}
      explain="The words are its own. What you type goes there once, and is kept nowhere."
      yes="Send"
      no="Stop here"
      answering={answering}
      onYes={(fields) =>
        answering.send({ kind: 'secrets', secrets: prompts.map((_, index) => typedText(fields, `${index}`)) })
      }
    >
      {prompts.map(({ text, echo }, index) => {
        const name = `${index}`
        const label = `(${host} asks) ${text.trim().replace(/:$/, '') || 'Answer'}`
        return echo ? (
          <TextInput
            key={name}
            className={styles.field ?? ''}
            name={name}
            data-autofocus={index === 0 || undefined}
            label={label}
            autoComplete="off"
            spellCheck={false}
          />
        ) : (
          <SecretField key={name} name={name} label={label} first={index === 0} />
        )
      })}
    </QuestionCard>
  )
}
