import { useState } from 'react'
import type { Failure } from '../../contract/failure'
import type { Answer } from '../../contract/job'
import { useCommands } from '../state/api-context'

export interface Answering {
  readonly send: (answer: Answer) => void
  readonly sending: boolean
  readonly failure: Failure | undefined
}

/** Sends the answer to one question, once. */
export function useAnswer(jobId: string, questionId: string): Answering {
  const { call } = useCommands()
  const [sending, setSending] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const send = async (answer: Answer) => {
    setSending(true)
    const reply = await call('answer', { jobId, questionId, answer })
    if (reply.ok) return
    setSending(false)
    setFailure(reply.failure)
  }
  return { send: (answer) => void send(answer), sending, failure }
}
