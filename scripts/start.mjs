/** Starts the built app from this working copy: `npm run dev`. Arguments go to the app. */
import { join } from 'node:path'
import { electronRuntime } from './runtime.mjs'
import { projectRoot } from './setup/paths.mjs'
import { run } from './setup/run.mjs'

const { distPath } = electronRuntime()
const program = process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'
// Chromium's sandbox refuses to run as root.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
run(join(distPath, program), [...asRoot, projectRoot, ...process.argv.slice(2)])
