import { expect, it } from 'vitest'
import { answerQuestion } from '../../../main/terminal/answer-question'

it('what a machine asks at login is asked under its name, one line each, and never as Millwright asks', async () => {
  const asked: string[] = []
  const io = {
    interactive: true,
    out: () => undefined,
    err: () => undefined,
    readInput: async () => '',
    prompt: async (text: string) => {
      asked.push(text)
      return 'typed'
    },
  }
  const prompts = [
    { text: 'Passphrase of ~/.ssh/id_ed25519: ', echo: false },
    { text: 'Code:', echo: true },
  ]
  const question = { kind: 'keyboard-interactive', host: 'otto.lan', prompts } as const
  const given = { yes: false, trustNewHostKey: false }
  expect(await answerQuestion(question, given, io)).toEqual({ kind: 'secrets', secrets: ['typed', 'typed'] })
  expect(asked).toEqual(['(otto.lan asks) Passphrase of ~/.ssh/id_ed25519: ', '(otto.lan asks) Code: '])
})
