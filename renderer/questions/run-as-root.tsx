import { Textarea } from '@mantine/core'
import type { Question } from '../../contract/job'
import { againWords } from '../../core/jobs/again-words'
import { CodeBlock } from '../components/text/code-block'
import { QuestionCard } from './question-card'
import styles from './question-card.module.css'
import { typedText } from './secret-field'
import type { Answering } from './use-answer'

interface RunAsRootProps {
  readonly question: Extract<Question, { kind: 'run-as-root' }>
  readonly answering: Answering
}

/** Unprivileged mode: root's step as the exact command to run, and a place for what it prints. */
export function RunAsRoot({ question, answering }: RunAsRootProps) {
  return (
    <QuestionCard
      title="This step needs root, and nothing here can ask for it."
      explain="Run this command in a terminal as root. It does this one step and prints what came of it."
      yes="Continue"
      no="Stop here"
      answering={answering}
      onYes={(fields) => answering.send({ kind: 'text', text: typedText(fields, 'printed') })}
    >
      <div className={styles.field}>
        <CodeBlock text={question.command} label="the command to run as root" />
      </div>
      <Textarea
        name="printed"
        label="What it printed"
        description="All of it, or the last line alone."
        minRows={2}
        autosize
        maxRows={4}
        data-autofocus
        error={againWords(question)}
      />
    </QuestionCard>
  )
}
