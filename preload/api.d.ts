import type { MillwrightApi } from '../contract/commands'

declare global {
  interface Window {
    readonly millwright: MillwrightApi
  }
}
