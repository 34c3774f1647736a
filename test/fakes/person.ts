import type { Answer, Question, QuestionKind } from '../../contract/job'
import type { Jobs } from '../../main/jobs/job'
import type { Store } from '../../main/store'
import type { Calls } from './calls'

/** Who sits at the computer: says yes to everything and knows every password, unless told otherwise. */
export interface Person {
  /** In order. */
  readonly asked: readonly Question[]
  /** What they say instead. */
  readonly answers: Map<QuestionKind, Answer>
  /** Whether they have agreed to change that machine, now or when its builder was added. */
  mayChange(host: string): boolean
  mayCollect(builder: string): boolean
  /** Answers the questions of every job from now on; cancels it where the world says so. */
  attend(store: Store, jobs: Jobs): void
}

/** Their password on every machine. */
export const secret = 'hunter2'

export function createPerson(calls: Calls): Person {
  const asked: Question[] = []
  const agreed = new Set<string>()
  const answers = new Map<QuestionKind, Answer>()

  const usual = (question: Question): Answer => {
    if (question.kind === 'password' || question.kind === 'sudo-password') return { kind: 'secret', secret }
    if (question.kind === 'approve-plan' && question.sudoUser !== undefined) return { kind: 'secret', secret }
    return { kind: 'yes' }
  }
  const note = (question: Question, { kind }: Answer) => {
    if (kind === 'no') return
    if (question.kind === 'approve-plan') agreed.add(question.host)
    if (question.kind === 'approve-collect') agreed.add(`garbage of ${question.builder}`)
  }
  return {
    asked,
    answers,
    mayChange: (host) => agreed.has(host),
    mayCollect: (builder) => agreed.has(`garbage of ${builder}`),
    attend(store, jobs) {
      const seen = new Set<string>()
      const running = () =>
        store.state().jobs.filter(({ state }) => state === 'running' || state === 'asking')
      const cancel = () => {
        for (const { id } of running()) jobs.cancel(id)
      }
      calls.onCancel(cancel)
      store.subscribe(() => {
        for (const { id: jobId, asked: open } of store.state().jobs) {
          if (!open || seen.has(open.id)) continue
          seen.add(open.id)
          asked.push(open.question)
          const fault = calls.ask(open.question.kind)
          if (fault?.kind === 'crash') continue
          const answer =
            fault?.kind === 'decline'
              ? ({ kind: 'no' } as const)
              : (answers.get(open.question.kind) ?? usual(open.question))
          note(open.question, answer)
          queueMicrotask(() => {
            if (fault?.kind === 'cancel') cancel()
            else jobs.answer(jobId, open.id, answer)
          })
        }
      })
    },
  }
}
