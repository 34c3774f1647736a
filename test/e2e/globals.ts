import type { AxeResults } from 'axe-core'

declare global {
  /** What these tests put into the page beside the app. */
  interface Window {
    readonly axe?: { run(): Promise<AxeResults> }
    readonly snapshots?: readonly string[]
  }
  /** The links that the app would have opened in a browser, in its main process. */
  var opened: readonly string[] | undefined
}
