import type { Answer, Question } from '../../contract/job'
import { againWords } from '../../core/jobs/again-words'
import { formatBytes, plural } from '../../core/text/format'
import type { Io } from './io'
import { planText } from './text/plan-text'

/** What was given beforehand, so that nobody need be asked. */
export interface PresetAnswers {
  readonly yes: boolean
  /** Only the plan is wanted: it is declined as soon as it stands. */
  readonly dryRun?: boolean
  readonly acceptHostKey?: string
  /** What a file that was handed over says of the machine's keys; of a type that is not among them it says nothing. */
  readonly expectedHostKeys?: readonly { readonly type: string; readonly fingerprint: string }[]
  readonly trustNewHostKey: boolean
  readonly password?: string
  readonly sudoPassword?: string
}

const yes: Answer = { kind: 'yes' }
const no: Answer = { kind: 'no' }
const secret = (value: string): Answer => ({ kind: 'secret', secret: value })

/**
 * Answers a question from what was given, else by asking the person at the terminal. `undefined`: nobody is
 * there to ask. `--yes` never stands for a host key, and nothing but its fingerprint for one that changed.
 */
export async function answerQuestion(
  question: Question,
  given: PresetAnswers,
  io: Io,
): Promise<Answer | undefined> {
  const fromOptions = answerFromOptions(question, given)
  // No option stands for this one: the command itself is the answer, and nobody is there to paste what it prints.
  if (question.kind === 'run-as-root' && !io.interactive) return no
  if (fromOptions || !io.interactive) return fromOptions
  return askPerson(question, given, io)
}

/** Never for a key that has changed. */
function answerFromFile(
  { keyType, fingerprint, known }: Extract<Question, { kind: 'host-key' }>,
  { expectedHostKeys = [] }: PresetAnswers,
): Answer | undefined {
  const ofType = expectedHostKeys.filter(({ type }) => type === keyType)
  if (known !== undefined || ofType.length === 0) return undefined
  return ofType.some((one) => one.fingerprint === fingerprint) ? yes : no
}

function answerFromOptions(question: Question, given: PresetAnswers): Answer | undefined {
  switch (question.kind) {
    case 'host-key':
      if (given.acceptHostKey !== undefined) return given.acceptHostKey === question.fingerprint ? yes : no
      return (
        answerFromFile(question, given) ??
        (given.trustNewHostKey && question.known === undefined ? yes : undefined)
      )
    case 'password':
      return given.password === undefined ? undefined : question.again ? no : secret(given.password)
    case 'keyboard-interactive':
      // One hidden prompt is sshd's way to ask for the password through PAM.
      return given.password !== undefined &&
        question.prompts.length === 1 &&
        question.prompts[0]?.echo === false
        ? { kind: 'secrets', secrets: [given.password] }
        : undefined
    case 'sudo-password':
      return given.sudoPassword === undefined ? undefined : question.again ? no : secret(given.sudoPassword)
    case 'approve-plan':
      if (given.dryRun) return no
      if (!given.yes) return undefined
      if (question.sudoUser === undefined) return yes
      return given.sudoPassword === undefined ? undefined : secret(given.sudoPassword)
    case 'key-file-consent':
      // A plan that is only shown keeps no key.
      return given.yes || given.dryRun ? yes : undefined
    case 'restart-daemon':
    case 'approve-adopt':
      return given.yes ? yes : undefined
    case 'approve-collect':
      return given.dryRun ? no : given.yes ? yes : undefined
    case 'passphrase':
    case 'run-as-root':
      return undefined
  }
}

async function askPerson(question: Question, given: PresetAnswers, io: Io): Promise<Answer> {
  const hidden = async (text: string) => secret(await io.prompt(text, true))
  const confirm = async (text: string) =>
    /^y(es)?$/i.test(await io.prompt(`${text} [y/N] `, false)) ? yes : no
  const refused = againWords(question)
  const again = refused === undefined ? '' : `${refused} `
  switch (question.kind) {
    case 'host-key':
      io.err(
        `${hostKeyText(question)}\n` +
          'Compare it with what that machine says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n',
      )
      return confirm('Is it the same?')
    case 'password':
      return hidden(`${again}Password of ${question.user} on ${question.host}: `)
    case 'passphrase':
      return hidden(`${again}Passphrase of ${question.keyFile}: `)
    case 'keyboard-interactive': {
      const secrets: string[] = []
      // With its name before each, as ssh has it: whatever it asks for, it is not Millwright that asks.
      for (const { text, echo } of question.prompts) {
        secrets.push(await io.prompt(`(${question.host} asks) ${text.trim()} `, !echo))
      }
      return { kind: 'secrets', secrets }
    }
    case 'sudo-password':
      return hidden(`${again}Password of ${question.user} on ${question.host}, to become root there: `)
    case 'approve-plan': {
      io.err(planText(question.plan))
      const { sudoUser } = question
      const approved = given.yes ? yes : await confirm('Go ahead?')
      if (approved.kind === 'no' || sudoUser === undefined) return approved
      if (given.sudoPassword !== undefined) return secret(given.sudoPassword)
      const typed = await io.prompt(
        `Password of ${sudoUser} on ${question.host}, to become root there: `,
        true,
      )
      return typed === '' ? no : secret(typed)
    }
    case 'key-file-consent':
      return confirm(
        `There is no keychain here. Keep the keys for watching builders and for freeing space there in ${question.path}, readable by you alone?`,
      )
    case 'run-as-root':
      io.err(
        `${again}Nothing here can ask for root. Run this in another terminal:\n\n` +
          `  ${question.command}\n\n`,
      )
      return { kind: 'text', text: await io.prompt('Paste the last line it printed: ', false) }
    case 'approve-collect':
      return confirm(
        `Delete ${plural(question.paths, 'store path')} on ${question.builder} that nothing there needs, about ${formatBytes(question.bytes)}?`,
      )
    case 'approve-adopt':
      return confirm(
        `Move the line of ${question.builder} from ${question.where} into Millwright’s own files? It becomes a comment there, and removing ${question.builder} gives it back. Nothing on ${question.builder} changes.`,
      )
    case 'restart-daemon':
      return confirm(
        `Builds are running${question.host === undefined ? '' : ` on ${question.host}`}. Restart the Nix daemon all the same? They will go on.`,
      )
  }
}

function hostKeyText({ host, keyType, fingerprint, known }: Extract<Question, { kind: 'host-key' }>): string {
  if (!known)
    return `${host} has not been seen before. Its ${keyType} key has the fingerprint\n  ${fingerprint}`
  const before = known.map((one) => `  before  ${one}\n`).join('')
  return `${host} shows another host key than before. Of its keys these are the fingerprints:\n${before}  now     ${fingerprint}`
}
