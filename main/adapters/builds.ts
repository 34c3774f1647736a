import type { BuildsPort } from '../ports/builds'

export function createBuilds(): BuildsPort {
  return { look: async () => ({ feed: 'none', running: [], ended: [] }), close: () => undefined }
}
