import { describe, expect, it } from 'vitest'
import { flows } from './flows'
import { problemsAfter } from './verdict'
import { faultKinds, mishapsOf } from './walk'

/** What happens to each call of a flow in its turn. */
const words = {
  fails: 'a call fails',
  lasting: 'a call fails, and so does all that goes the same way from then on',
  'lost-reply': 'a call has its effect and its answer is lost',
  decline: 'the person says no to a question',
  cancel: 'the person cancels before a call has its effect',
  'late-cancel': 'the person cancels once a call has had its effect',
  crash: 'the app dies',
} as const

describe.each(faultKinds)('whenever %s', (kind) => {
  it.each(flows)(
    `${words[kind]}: $name is taken back, or says what is left, and works when run again`,
    async (flow) => {
      const problems: string[] = []
      for (const mishap of await mishapsOf(flow, kind)) problems.push(...(await problemsAfter(flow, mishap)))
      expect(problems).toEqual([])
    },
  )
})
