import { createStore } from '../../../main/store'
import { runProgram } from '../../../main/terminal/program'
import { startApp } from '../../fakes/app'
import type { World } from '../../fakes/world'
import { emptyState } from '../../fixtures/state'

/** A terminal in front of a computer that is all in memory, with nobody at it. */
export async function runInWorld(line: string, world: World, input = '') {
  const said = { out: '', err: '' }
  const store = createStore(emptyState)
  const { handlers, refresh } = startApp(world, { store, isAttended: false })
  await refresh()
  const none = () => Promise.reject(new Error('nobody is there'))
  const status = await runProgram(line.split(' '), {
    version: '0.0.0',
    io: {
      out: (text) => {
        said.out += text
      },
      err: (text) => {
        said.err += text
      },
      interactive: false,
      readInput: async () => input,
      prompt: none,
    },
    helper: { run: async () => 0 },
    app: async () => ({
      handlers,
      store,
      follow: () => ({ probed: Promise.resolve(), stop: () => undefined }),
    }),
  })
  return { status, ...said }
}
