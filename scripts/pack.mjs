/**
 * Packs the built app with the Electron that is here: `npm run pack`. An unpacked folder in dist/ unless told
 * otherwise: every argument goes to electron-builder (`npm run pack -- --linux deb`).
 */
import { realpathSync } from 'node:fs'
import { relative } from 'node:path'
import { electronRuntime } from './runtime.mjs'
import { projectRoot } from './setup/paths.mjs'
import { run } from './setup/run.mjs'

const { cleanDistPath, version, fallback } = electronRuntime()
const wanted = process.argv.slice(2)

run('npm', ['run', '--silent', 'build'], { cwd: projectRoot })
run(
  process.execPath,
  [
    'node_modules/electron-builder/cli.js',
    ...(wanted.length > 0 ? wanted : ['--dir']),
    '--publish=never',
    `-c.electronDist=${cleanDistPath}`,
    `-c.electronVersion=${version}`,
    // A fuse that Electron has from 29 on; an older one cannot be packed with a word about it.
    ...(fallback ? [] : ['-c.electronFuses.grantFileProtocolExtraPrivileges=false']),
  ],
  // The helper and the terminal's command run on the Node that packs them: the pinned one (scripts/with-node.mjs).
  {
    cwd: projectRoot,
    env: { ...process.env, MILLWRIGHT_NODE: relative(projectRoot, realpathSync(process.execPath)) },
  },
)
if (fallback)
  console.warn(
    `pack: made with Electron ${version}, which has known holes: for tests only, not to be shipped`,
  )
