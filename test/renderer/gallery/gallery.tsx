import { createRoot } from 'react-dom/client'
import { App } from '../../../renderer/app/app'
import { connect } from '../../../renderer/app/connect'
import { aSeries } from '../../fixtures/health'
import { createFakeApi, type FakeApi } from '../fixtures/fake-api'
import { scenes } from '../fixtures/scenes'

declare global {
  interface Window {
    fake?: FakeApi
  }
}

/** Scenes on a builder's own page. */
const pages: Readonly<Record<string, string>> = {
  builder: 'anna',
  'builder-testing': 'anna',
  'builder-signing': 'anna',
  'builder-down': 'hetzner-ax',
  'builder-suspended': 'attic',
  'builder-paused': 'grace',
  'pause-menu': 'm1-mini',
  offer: 'anna',
  'builder-day': 'anna',
  'builder-tall': 'anna',
  'builder-empty': 'm1-mini',
  'builder-not-used': 'anna',
  'builder-quarantined': 'anna',
  'builder-failed-build': 'anna',
  'builder-low': 'pi5',
  'builder-slow': 'busy-bee',
}

const root = document.getElementById('root')
const name = new URLSearchParams(location.search).get('scene') ?? ''
const scene = scenes[name]

if (root && scene) {
  const api = createFakeApi(scene)
  const connection = connect(api)
  if (name !== 'builder-empty') api.record(aSeries)
  if (name.startsWith('builds')) api.navigate({ to: 'builds' })
  if (name === 'settings') api.navigate({ to: 'settings' })
  if (name.startsWith('choose')) api.navigate({ to: 'add' })
  const shown = pages[name]
  if (shown) api.navigate({ to: 'builder', id: shown })
  window.fake = api
  createRoot(root).render(<App connection={connection} />)
} else if (root) {
  createRoot(root).render(
    <ul>
      {Object.keys(scenes).map((each) => (
        <li key={each}>
          <a href={`?scene=${each}`}>{each}</a>
        </li>
      ))}
    </ul>,
  )
}
