import ElectronStore from 'electron-store'

interface Place {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
}

/** Keeps where the window was in a file of mode 0600 in the person's data folder. */
export function createWindowBounds() {
  const store = new ElectronStore<{ place: Place }>({
    name: 'window',
    configFileMode: 0o600,
    clearInvalidConfig: true,
    defaults: { place: { width: 960, height: 640 } },
    schema: {
      place: {
        type: 'object',
        properties: {
          x: { type: 'integer' },
          y: { type: 'integer' },
          width: { type: 'integer', minimum: 320 },
          height: { type: 'integer', minimum: 240 },
        },
        required: ['width', 'height'],
      },
    },
  })
  return { load: () => store.get('place'), save: (place: Place) => store.set('place', place) }
}
