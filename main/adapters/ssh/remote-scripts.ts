/// <reference types="vite/types/import-meta.d.ts" />
import { assembleScripts } from '../../../core/scripts/assemble'

const root = '../../../remote/'
const files = import.meta.glob<string>('../../../remote/**/*.sh', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** The scripts as they lie in `remote/`, taken in when the app is built: what is read is what runs. */
export const remoteScripts = assembleScripts(
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path.slice(root.length), text])),
)
