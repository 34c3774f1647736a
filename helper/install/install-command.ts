import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installHelper, installStatus, uninstallHelper } from './install'
import { refreshState } from './refresh-state'

const usage = `Usage: node install.mjs install|uninstall|status [--development] [--prefix FOLDER] [--runtime NODE]`

/** For `millwright helper` and for package scripts: says on stdout, as JSON, how it stands afterwards. */
async function main(): Promise<void> {
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
  if (verb === 'install') await refresh(installHelper(plan).prefix)
  if (verb === 'uninstall') uninstallHelper(plan)
  console.log(JSON.stringify(installStatus(plan)))
}

/** The helper is installed whatever becomes of it: the next change of a builder writes the same. */
async function refresh(prefix: string): Promise<void> {
  try {
    await refreshState(prefix)
  } catch (error) {
    console.error(`What the helper before wrote stays in force: ${wordsOf(error)}`)
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

process.umask(0o022)
main().catch((error: unknown) => {
  console.error(wordsOf(error))
  process.exitCode = 1
})
