import type { MillwrightApi } from '../contract/api'

declare global {
  interface Window {
    readonly millwright: MillwrightApi
  }
}
