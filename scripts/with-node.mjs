/**
 * `node scripts/with-node.mjs COMMAND [ARGUMENTS]`: runs a command on the pinned Node, whichever Node runs this. The
 * command is `node`, `npm`, or what a package put into node_modules/.bin; what it starts runs on the same Node.
 * Exit status: the command's; 2 where there is no Node to run it on.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { projectRoot } from './setup/paths.mjs'
import { pinnedNode } from './setup/pinned-node.mjs'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: 'inherit', env: environment() })
child.on('error', ({ code, message }) => {
  console.error(code === 'ENOENT' ? `There is no ${command} yet. Get it with: npm run setup` : message)
  process.exitCode = 127
})
child.on('exit', (status, signal) => {
  process.exitCode = status ?? 128 + constants.signals[signal]
})
// Ctrl-C reaches the command too, which decides what becomes of it; other signals came to this process alone.
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

function environment() {
  try {
    const path = [dirname(pinnedNode()), join(projectRoot, 'node_modules/.bin'), process.env.PATH]
    return { ...process.env, PATH: path.filter(Boolean).join(delimiter) }
  } catch (error) {
    console.error(error.message)
    process.exit(2)
  }
}
