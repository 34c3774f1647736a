import type { AskedQuestion } from '../../contract/job'
import { againWords } from '../../core/jobs/again-words'
import { formatBytes, plural } from '../../core/text/format'
import { ApprovePlan } from './approve-plan'
import { HostKey } from './host-key'
import { KeyboardInteractive } from './keyboard-interactive'
import { QuestionCard } from './question-card'
import { RunAsRoot } from './run-as-root'
import { SecretField, typedText } from './secret-field'
import { useAnswer } from './use-answer'

interface QuestionViewProps {
  readonly jobId: string
  readonly asked: AskedQuestion
}

/** One question, in the form that fits its kind. */
export function QuestionView({ jobId, asked: { id, question } }: QuestionViewProps) {
  const answering = useAnswer(jobId, id)
  const sendSecret = (fields: FormData) =>
    answering.send({ kind: 'secret', secret: typedText(fields, 'secret') })
  const again = againWords(question)
  const sendYes = () => answering.send({ kind: 'yes' })

  switch (question.kind) {
    case 'host-key':
      return <HostKey question={question} answering={answering} />
    case 'keyboard-interactive':
      return <KeyboardInteractive question={question} answering={answering} />
    case 'approve-plan':
      return <ApprovePlan question={question} answering={answering} />
    case 'password':
      return (
        <QuestionCard
          title={`${question.host} asks for ${question.user}’s password.`}
          explain="It goes to that machine over the encrypted connection, once, and is kept nowhere."
          yes="Log in"
          no="Stop here"
          answering={answering}
          onYes={sendSecret}
        >
          <SecretField name="secret" label={`Password of ${question.user}`} again={again} />
        </QuestionCard>
      )
    case 'passphrase':
      return (
        <QuestionCard
          title="Your key is locked with a passphrase."
          explain={`It opens ${question.keyFile} for this login, and is kept nowhere.`}
          yes="Unlock"
          no="Go on without it"
          answering={answering}
          onYes={sendSecret}
        >
          <SecretField name="secret" label="Passphrase" again={again} />
        </QuestionCard>
      )
    case 'sudo-password':
      return (
        <QuestionCard
          title={`${question.host} asks for ${question.user}’s password to become root.`}
          explain="It is typed to what asks for it there, once, and kept nowhere."
          yes="Continue"
          no="Stop here"
          answering={answering}
          onYes={sendSecret}
        >
          <SecretField name="secret" label={`Password of ${question.user}`} again={again} />
        </QuestionCard>
      )
    case 'key-file-consent':
      return (
        <QuestionCard
          title="There is no keychain in this session."
          explain={
            <>
              Millwright makes two keys of its own: one can only look at the builder, the other only free
              space there. Without a keychain they would be kept in <code>{question.path}</code>, in a file
              that only you can read.
            </>
          }
          yes="Keep them in that file"
          no="Go on without them"
          answering={answering}
          onYes={sendYes}
        />
      )
    case 'approve-collect':
      return (
        <QuestionCard
          title={`Delete ${plural(question.paths, 'store path')} on ${question.builder}?`}
          explain={`Nothing over there needs them: old builds and what they were built from. It frees about ${formatBytes(question.bytes)}. What would be needed again is built or fetched again.`}
          yes={`Free ${formatBytes(question.bytes)}`}
          no="Keep them"
          answering={answering}
          onYes={sendYes}
        />
      )
    case 'approve-adopt':
      return (
        <QuestionCard
          title={`Take over the line of ${question.builder}?`}
          explain={
            <>
              It moves from <code>{question.where}</code> into Millwright’s own files, with the same address,
              key file and settings, once root has shaken hands that way. There it becomes a comment, which
              removing {question.builder} turns back into the line. Nothing on {question.builder} changes.
            </>
          }
          yes="Take it over"
          no="Leave it as it is"
          answering={answering}
          onYes={sendYes}
        />
      )
    case 'run-as-root':
      return <RunAsRoot question={question} answering={answering} />
    case 'restart-daemon':
      return (
        <QuestionCard
          title={`Builds are running on ${question.host ?? 'this computer'}.`}
          explain="Its Nix daemon has to restart once for this. You can also stop here and come back when they are done."
          yes="Restart it now"
          no="Stop here"
          answering={answering}
          onYes={sendYes}
        />
      )
  }
}
