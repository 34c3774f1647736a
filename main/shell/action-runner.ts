import { app } from 'electron'
import type { CommandOutput, Handlers, Navigation } from '../../contract/commands'
import type { Reply } from '../../contract/failure'
import type { TrayAction, TrayCall, TrayCommand } from './tray/entry'
import type { MainWindow } from './window'

/** Does what a menu entry says; what a command returns is seen in the snapshot, and a refusal in the window. */
export function createActionRunner(handlers: Handlers, window: MainWindow): (action: TrayAction) => void {
  const send = <N extends TrayCommand>({ name, input }: TrayCall<N>): Promise<Reply<CommandOutput<N>>> =>
    handlers[name](input)
  const sendAll = async (calls: readonly TrayCall[], thenShow: Navigation | undefined) => {
    for (const call of calls) {
      const reply = await send(call)
      if (!reply.ok) return window.show({ to: 'builders', failure: reply.failure })
    }
    if (thenShow) window.show(thenShow)
  }
  return (action) => {
    if (action.kind === 'quit') app.quit()
    else if (action.kind === 'open') window.show(action.navigation)
    else void sendAll(action.calls, action.thenShow)
  }
}
