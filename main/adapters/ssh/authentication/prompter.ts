import type { Ask } from '../../../ports/ssh'

/** Questions to the person, with a way to see that one is open: no clock runs against them. */
export interface Prompter {
  readonly ask: Ask
  isAsking(): boolean
  /** Called when a question opens and when it is answered. */
  onChange: () => void
}

export function createPrompter(ask: Ask): Prompter {
  let open = 0
  const prompter: Prompter = {
    ask: async (question) => {
      open++
      prompter.onChange()
      try {
        return await ask(question)
      } finally {
        open--
        prompter.onChange()
      }
    },
    isAsking: () => open > 0,
    onChange: () => {},
  }
  return prompter
}
