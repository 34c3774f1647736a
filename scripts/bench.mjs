/**
 * `npm run bench -- NAME [--rounds N]`: measures Millwright beside what it replaces, in one run. Sets the machine
 * up first. Exit status: 0 every target met, 1 one missed or something failed, 2 wrong usage or not possible here.
 */
import { spawnSync } from 'node:child_process'
import { register } from 'tsx/esm/api'

const usage = `usage: npm run bench -- add [--rounds N]
  add   from SSH access to a proven build: Millwright, an Ansible playbook, the wiki's commands`

const [name, ...rest] = process.argv.slice(2)
const rounds = rest[0] === '--rounds' ? Number(rest[1]) : 5
if (name !== 'add' || !Number.isInteger(rounds) || rounds < 1 || ![0, 2].includes(rest.length)) {
  console.error(usage)
  process.exit(2)
}
if (process.platform !== 'linux' || process.getuid() !== 0) {
  console.error('bench: the hosts that it measures on need Linux and root: sudo npm run bench -- add')
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
const { runBench } = await import('../bench/run.ts')
process.exitCode = await runBench(rounds)
