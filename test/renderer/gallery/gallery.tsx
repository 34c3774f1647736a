import { createRoot } from 'react-dom/client'
import { App } from '../../../renderer/app'
import { connect } from '../../../renderer/connect'
import { createFakeApi, type FakeApi } from '../fixtures/fake-api'
import { scenes } from '../fixtures/snapshots'

declare global {
  interface Window {
    fake?: FakeApi
  }
}

const root = document.getElementById('root')
const name = new URLSearchParams(location.search).get('scene') ?? ''
const scene = scenes[name]

if (root && scene) {
  const api = createFakeApi(scene)
  const connection = connect(api)
  if (name.startsWith('choose')) api.navigate({ to: 'add' })
  if (name === 'builder' || name === 'builder-testing') api.navigate({ to: 'builder', id: 'anna' })
  if (name === 'builder-down') api.navigate({ to: 'builder', id: 'hetzner-ax' })
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
