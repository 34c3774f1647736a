import { app } from 'electron'
import type { Handlers } from '../../contract/commands'
import type { TrayAction } from './tray-menu'
import type { MainWindow } from './window'

/** Does what a menu entry says; what a command answers is seen in the snapshot, and a refusal in the window. */
export function performer(handlers: Handlers, window: MainWindow): (action: TrayAction) => void {
  return (action) => {
    if (action.kind === 'quit') app.quit()
    else if (action.kind === 'open') window.show(action.navigation)
    else
      void handlers[action.name]({ id: action.id }).then(({ ok }) => {
        if (!ok) window.show({ to: 'builder', id: action.id })
      })
  }
}
