import { type IpcMainInvokeEvent, ipcMain } from 'electron'
import type { Handlers } from '../../contract/api'
import type { Channel } from '../../contract/channel'
import { answerCall } from './answer-call'
import { isOwnPage } from './scheme'

/** The one door for commands from a window. Only the top frame of our own page is answered. */
export function listen(handlers: Handlers): void {
  ipcMain.handle('millwright:call' satisfies Channel, (event, name: unknown, input: unknown) => {
    if (!isOwnTopFrame(event)) throw new Error('Only the Millwright window may ask this.')
    return answerCall(handlers, name, input)
  })
}

function isOwnTopFrame({ senderFrame, sender }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url)
}
