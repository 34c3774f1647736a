import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Bind } from './start-host'

/** Where every host sees this working copy, and the Node that runs the tests: their own folders are the machine's. */
export const projectOnHost = '/opt/app'
export const nodeOnHost = '/opt/node/node'

/** Binds rather than the overlay, so that what is built while a fleet is open is seen at once. */
export const projectBinds: readonly Bind[] = [
  { from: resolve(import.meta.dirname, '../../..'), to: projectOnHost },
  { from: realpathSync(process.execPath), to: nodeOnHost },
]
