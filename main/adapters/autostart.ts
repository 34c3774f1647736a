import type { AutostartPort } from '../ports/preferences'

export function createAutostart(): AutostartPort {
  return { look: async () => ({ way: 'off', offered: ['off'] }), set: async () => undefined }
}
