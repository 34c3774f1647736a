/**
 * `npm run bench [-- NAME] [--rounds N]`: measures Millwright beside what it replaces, in one run. Sets the machine
 * up first. Exit status: 0 every target met, 1 one missed or something failed, 2 wrong usage or not possible here.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { register } from 'tsx/esm/api'

const about = {
  add: 'from SSH access to a proven build: Millwright, an Ansible playbook, the wiki’s commands',
  'dead-builder': 'one build, while the builder that Nix tries first drops every packet',
  'dead-many': 'ten builds, with a dead builder that calls itself faster, and a live one',
  burst: 'forty tiny builds on one builder',
  switch: 'from intent until the next nix sees it, for me and for everyone',
  notice: 'from the death of a builder until its health says so',
  probe: 'a look at a builder: over the held connection, by a new ssh, through a ControlMaster',
  fleet: 'five hundred builders, twenty of them real, watched, all looked at, and all gone',
  substitute: 'a hundred paths that a builder has, copied from it or built again',
  start: 'from its start until the tray is there, beside an empty Electron app',
  idle: 'memory without a window, beside an empty Electron app, and processor time',
  list: 'what the window does when each of 500 builders has a new sample',
}
const usage = `usage: npm run bench -- [NAME] [--rounds N]
  each beside the wiki’s configuration, written by hand, unless it says beside what; all unless one is named
${Object.entries(about)
  .map(([name, text]) => `  ${name.padEnd(12)}  ${text}`)
  .join('\n')}`

const { names, rounds } = parse()
if (process.platform !== 'linux' || process.getuid() !== 0) {
  console.error('bench: the hosts that it measures on need Linux and root: sudo npm run bench')
  process.exit(2)
}
for (const command of ['node scripts/setup.mjs --bench', 'npm run --silent build']) {
  const [file, ...args] = command.split(' ')
  const { status } = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) {
    console.error(`bench: ${command} ended with status ${status}`)
    process.exit(status === 2 ? 2 : 1)
  }
}
register()
const { benches } = await import('../bench/benches.ts')
for (const name of names) {
  try {
    if (!(await benches[name](rounds))) process.exitCode = 1
  } catch (error) {
    console.error(`bench: ${name}: ${error.message}`)
    process.exitCode = 1
  }
}

function parse() {
  try {
    const options = { rounds: { type: 'string', default: '5' } }
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const rounds = Number(values.rounds)
    if (positionals.every((name) => Object.hasOwn(about, name)) && Number.isInteger(rounds) && rounds > 0)
      return { names: positionals.length > 0 ? positionals : Object.keys(about), rounds }
  } catch {
    // An option that is none.
  }
  console.error(usage)
  process.exit(2)
}
