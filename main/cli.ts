import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findInstallation } from '../helper/system/find-installation'
import { version } from '../package.json'
import { type RootTerminal, rootPrefix, usableWays } from './adapters/helper/as-root'
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
const rootTerminal: RootTerminal = io.interactive ? 'interactive' : 'silent'
const log = createLog({ folder: logFolder(), name: 'terminal' })
logCrashes(log)

/** The installer stands beside this file, in a build as in a package. */
const helper: HelperPrograms = {
  run: (operation, { isAside = false } = {}) =>
    new Promise((resolve) => {
      const program = [process.execPath, join(__dirname, '../helper/install.mjs'), operation]
      const [first = '', ...rest] = operation === 'status' ? program : [...rootPrefixHere(), ...program]
      const child = spawn(first, rest, { stdio: ['inherit', isAside ? 2 : 'inherit', 'inherit'] })
      child.on('error', () => resolve(4))
      child.on('exit', (code) => resolve(code ?? 1))
    }),
}

/** A terminal's own ways first: polkit may have nobody to ask there. */
function rootPrefixHere(): readonly string[] {
  const ways = usableWays(findInstallation().waysToRoot, rootTerminal)
  const way = ways.find(({ by }) => by !== 'pkexec') ?? ways[0]
  return way ? rootPrefix(way, rootTerminal) : ['sudo', '--']
}

/** The program with the window, where this file is part of a package on Linux. */
const desktopProgram = join(__dirname, '../../millwright-desktop')

/** Made once, by the first command that needs it. */
function makeApp() {
  const app = compose({
    appVersion: version,
    copyText: io.out,
    programFolder: __dirname,
    rootTerminal,
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
