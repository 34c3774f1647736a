import { app } from 'electron'
import type { CommandOutput, Handlers, Navigation } from '../../contract/api'
import type { Reply } from '../../contract/failure'
import type { TrayAction, TrayCall, TrayCommand } from './tray/entry'
import type { MainWindow } from './window'

/** Does what a menu entry says; what a command returns is seen in the snapshot, and a refusal in the window. */
export function createActionRunner(handlers: Handlers, window: MainWindow): (action: TrayAction) => void {
  const send = <N extends TrayCommand>({ name, input }: TrayCall<N>): Promise<Reply<CommandOutput<N>>> =>
    handlers[name](input)
  const sendAndShow = async (call: TrayCall, thenShow: Navigation | undefined) => {
    const reply = await send(call)
    if (!reply.ok) window.show({ to: 'builders', failure: reply.failure })
    else if (thenShow) window.show(thenShow)
  }
  return (action) => {
    if (action.kind === 'quit') app.quit()
    else if (action.kind === 'open') window.show(action.navigation)
    else void sendAndShow(action.call, action.thenShow)
  }
}
