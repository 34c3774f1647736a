import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Question } from '../../contract/job'
import { CodeBlock } from '../components/text/code-block'
import { derivedWord } from '../labels/derived'
import styles from './approve-plan.module.css'
import { PlanChanges } from './plan-changes'
import { QuestionCard } from './question-card'
import { SecretField, typedText } from './secret-field'
import type { Answering } from './use-answer'

interface ApprovePlanProps {
  readonly question: Extract<Question, { kind: 'approve-plan' }>
  readonly answering: Answering
}

/** What was found, what is agreed to, and, for who wants it, every change and the script itself. */
export function ApprovePlan({ question: { host, plan, renews, sudoUser }, answering }: ApprovePlanProps) {
  const [shown, setShown] = useState(renews !== undefined)
  // How many cores a job gets is part of how the jobs were found.
  const found = plan.derived.filter(({ name, value }) => value !== '' && name !== 'coresPerJob')
  return (
    <QuestionCard
      {...(renews === undefined ? wordsOfAdding(host) : wordsOfRenewing(renews))}
      no="Do nothing"
      answering={answering}
      onYes={(fields) =>
        answering.send(
          sudoUser === undefined ? { kind: 'yes' } : { kind: 'secret', secret: typedText(fields, 'secret') },
        )
      }
    >
      <dl className={styles.derived}>
        {found.map(({ name, value, how }) => (
          <div key={name} className={styles.value}>
            <dt>{derivedWord(name)}</dt>
            <dd>{value}</dd>
            <dd className={styles.how}>{how}</dd>
          </div>
        ))}
      </dl>
      {plan.consents.length > 0 && (
        <ul className={styles.consents}>
          {plan.consents.map((consent) => (
            <li key={consent}>{consent}</li>
          ))}
        </ul>
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        className={styles.show ?? ''}
        aria-expanded={shown}
        onClick={() => setShown(!shown)}
      >
        {shown ? 'Hide what will be done' : 'Show what will be done'}
      </Button>
      {shown && (
        <div className={styles.plan}>
          <PlanChanges changes={plan.changes} />
          <h4 className={styles.scriptTitle}>The script that runs on {host}</h4>
          <CodeBlock text={plan.script} label="The script" mostRows={14} />
        </div>
      )}
      {sudoUser !== undefined && (
        <div className={styles.sudo}>
          <SecretField
            name="secret"
            label={`Password of ${sudoUser}`}
            hint={`To become root on ${host}. It is typed to what asks for it there, once, and kept nowhere.`}
            first={false}
          />
        </div>
      )}
    </QuestionCard>
  )
}

const wordsOfAdding = (host: string) => ({
  title: `Set up ${host} as a builder?`,
  explain: 'This is what Millwright found, and what agreeing means.',
  yes: 'Set it up',
})

const wordsOfRenewing = (builder: string) => ({
  title: `Renew the keys to ${builder}?`,
  explain:
    'Builds go on meanwhile. The old keys are in force until a real build has gone by the new one alone.',
  yes: 'Renew them',
})
