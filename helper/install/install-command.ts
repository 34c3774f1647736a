import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installHelper, installStatus, refreshRootsFiles, uninstallHelper } from './install'

const usage = `Usage: node install.mjs install|uninstall|status [--development] [--prefix FOLDER] [--runtime NODE]`

/** For `millwright helper` and for package scripts: says on stdout, as JSON, how it stands afterwards. */
function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      development: { type: 'boolean', default: false },
      prefix: { type: 'string' },
      runtime: { type: 'string' },
    },
  })
  const plan = {
    variant: values.development ? ('development' as const) : ('system' as const),
    prefix: values.prefix,
    runtime: values.runtime,
    programs: dirname(fileURLToPath(import.meta.url)),
  }
  const [verb] = positionals
  if (positionals.length !== 1 || !verb || !['install', 'uninstall', 'status'].includes(verb))
    throw new Error(usage)
  if (verb !== 'status' && process.geteuid?.() !== 0) throw new Error('Installing the helper takes root.')
  if (verb === 'install') {
    const problem = refreshRootsFiles(installHelper(plan).prefix)
    if (problem) console.error(problem)
  }
  if (verb === 'uninstall') uninstallHelper(plan)
  console.log(JSON.stringify(installStatus(plan)))
}

try {
  process.umask(0o022)
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
