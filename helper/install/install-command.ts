import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installHelper, installStatus, layOutHelper, refreshRootsFiles, uninstallHelper } from './install'

const usage = `Usage: node install.mjs install|uninstall|status [--development] [--prefix FOLDER] [--runtime NODE]
       node install.mjs lay-out --prefix FOLDER --node NODE --policies FOLDER`

/** For `millwright helper` and for package scripts: says on stdout, as JSON, how it stands afterwards. */
function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      development: { type: 'boolean', default: false },
      prefix: { type: 'string' },
      runtime: { type: 'string' },
      node: { type: 'string' },
      policies: { type: 'string' },
    },
  })
  const bundled = dirname(fileURLToPath(import.meta.url))
  const plan = {
    variant: values.development ? ('development' as const) : ('system' as const),
    prefix: values.prefix,
    runtime: values.runtime,
    programs: bundled,
  }
  const [verb] = positionals
  if (positionals.length === 1 && verb === 'lay-out') {
    const { prefix, node, policies } = values
    if (!prefix || !node || !policies) throw new Error(usage)
    layOutHelper({ prefix, programs: bundled, node, policies })
    return
  }
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
