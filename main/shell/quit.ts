import { app } from 'electron'

/** Lets the product end its work, undoing what is half done, before the app goes; once. */
export function closeBeforeQuit(close: () => Promise<void>): void {
  let state: 'open' | 'closing' | 'closed' = 'open'
  app.on('before-quit', (event) => {
    if (state !== 'closed') event.preventDefault()
    if (state !== 'open') return
    state = 'closing'
    void close().finally(() => {
      state = 'closed'
      app.quit()
    })
  })
}
