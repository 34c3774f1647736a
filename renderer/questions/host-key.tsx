import type { Question } from '../../contract/job'
import { CodeBlock } from '../components/text/code-block'
import { QuestionCard } from './question-card'
import styles from './question-card.module.css'
import type { Answering } from './use-answer'

const keyFiles: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ed25519',
  'ssh-rsa': 'rsa',
}

interface HostKeyProps {
  readonly question: Extract<Question, { kind: 'host-key' }>
  readonly answering: Answering
}

/** Whether the machine that answers is the one that is meant; asked before anything secret is sent. */
export function HostKey({ question, answering }: HostKeyProps) {
  const { host, port, keyType, fingerprint, known } = question
  const file = `/etc/ssh/ssh_host_${keyFiles[keyType] ?? 'ecdsa'}_key.pub`
  return (
    <QuestionCard
      title={`Is this really ${host}?`}
      explain={
        known
          ? 'It shows another key than before: it was reinstalled, its address belongs to another machine now, or someone is in between.'
          : 'This computer has never seen its key. Nothing secret is sent before you answer.'
      }
      yes={known ? 'Accept the new key' : 'It is the same'}
      no="It is not"
      answering={answering}
      onYes={() => answering.send({ kind: 'yes' })}
    >
      {known?.map((before) => (
        <div key={before} className={styles.fingerprint}>
          <code>{before}</code>
          <span>before</span>
        </div>
      ))}
      <div className={styles.fingerprint}>
        <code>{fingerprint}</code>
        <span>
          {known && 'now: '}
          {keyType}, from {host} port {port}
        </span>
      </div>
      <p className={styles.explain}>
        To compare, run this at that machine itself, or ask whoever runs it. It must print the same SHA256
        text, to the last letter:
      </p>
      <div className={styles.field}>
        <CodeBlock text={`ssh-keygen -lf ${file}`} label="the command to compare" />
      </div>
    </QuestionCard>
  )
}
