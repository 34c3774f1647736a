import { join } from 'node:path'
import { onStage } from '../../test/e2e/set-stage'
import { findScreen, handOver, socketOnHost } from './screen'

/** The throwaway machine that becomes a builder. */
export const builder = 'anna'

/** Playwright ends its process so at Ctrl-C, once it has closed the app. */
const interrupted = 130

export interface DemoOptions {
  /** Leave everything open until the person ends it. */
  readonly keep: boolean
}

/** Raises the hosts and plays the demo on the client's desktop. Returns the exit status; leaves nothing behind. */
export async function runDemo({ keep }: DemoOptions): Promise<number> {
  const screen = findScreen()
  console.log(`\nRaise two hosts: client, a desktop with Nix, and ${builder}, a machine to log in to`)
  // Ctrl-C reaches the play too, which ends by it; then the hosts go.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const play = ['--import', 'tsx', join(import.meta.dirname, 'play.ts')]
  const status = await onStage([...play, ...(keep ? ['--keep'] : [])], {
    others: { [builder]: 'builder' },
    forPlay: keep,
    ...(screen && {
      binds: [{ from: screen.socket, to: socketOnHost }],
      prepare: (fleet) => handOver(screen, fleet.host('client')),
      env: { MILLWRIGHT_DEMO_SCREEN: screen.name },
    }),
  })
  const isDone = status === 0 || (keep && status === interrupted)
  console.log(
    `\n${isDone ? 'Both hosts are gone; nothing of them is left.' : 'The demo did not get through.'}`,
  )
  return isDone ? 0 : status
}
