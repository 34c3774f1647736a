import { createRoot } from 'react-dom/client'
import type { MillwrightApi } from '../contract/api'
import { App } from './app/app'
import { connect } from './app/connect'

declare global {
  interface Window {
    /** Put there by the preload script; the window has no other way out. */
    readonly millwright: MillwrightApi
  }
}

const root = document.getElementById('root')
if (root) createRoot(root).render(<App connection={connect(window.millwright)} />)
