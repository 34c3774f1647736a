import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../package.json'
import { logCrashes } from './adapters/system/crash-log'
import { logFolder } from './adapters/system/folders'
import { createLog } from './adapters/system/log'
import { leaveNoCoreDump } from './adapters/system/no-core-dump'
import { compose } from './compose'
import type { HelperPrograms } from './terminal/context'
import { processIo } from './terminal/process-io'
import { runProgram } from './terminal/program'

leaveNoCoreDump()
const io = processIo()
const log = createLog({ folder: logFolder(), name: 'terminal' })
logCrashes(log)

/** The installer stands beside this file, in a build as in a package. */
const helper: HelperPrograms = {
  run: (operation) =>
    new Promise((resolve) => {
      const program = [process.execPath, join(__dirname, '../helper/install.mjs'), operation]
      const asRoot = operation === 'status' || process.getuid?.() === 0 ? program : ['sudo', '--', ...program]
      const child = spawn(asRoot[0] ?? 'sudo', asRoot.slice(1), { stdio: 'inherit' })
      child.on('error', () => resolve(4))
      child.on('exit', (code) => resolve(code ?? 1))
    }),
}

/** The program with the window, where this file is part of a package on Linux. */
const desktopProgram = join(__dirname, '../../millwright-desktop')

/** Made once, by the first command that needs it. */
function makeApp() {
  const app = compose({
    appVersion: version,
    copyText: io.out,
    programFolder: __dirname,
    interactiveSudo: io.interactive,
    endsWithJob: true,
    log,
    autostart: existsSync(desktopProgram) ? { command: [desktopProgram] } : {},
  })
  return app.ready.then(() => app)
}

let app: ReturnType<typeof makeApp> | undefined
runProgram(process.argv.slice(2), {
  version,
  io,
  helper,
  app: () => {
    app ??= makeApp()
    return app
  },
}).then(async (status) => process.exit(await io.end(status)))
