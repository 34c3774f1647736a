/**
 * `npm run demo [-- --keep]`: a builder added in the real app, on throwaway hosts. Needs Linux, root and, for what
 * it stands on, Debian's packages, which it installs. `--keep` leaves it all open to look around.
 * Exit status: 0 done, 1 something failed, 2 wrong usage or not possible here.
 */
import { spawnSync } from 'node:child_process'

const args = process.argv.slice(2)
if (args.some((word) => word !== '--keep')) {
  console.error('usage: npm run demo [-- --keep]')
  process.exit(2)
}
if (process.platform !== 'linux' || process.getuid() !== 0) {
  console.error(`demo: needs root on Linux: its two hosts are namespaces with a network of their own. Run it on a Debian
machine, a virtual one if you like, with: sudo npm run demo
It changes nothing on that machine but to install Debian packages that are missing.`)
  process.exit(2)
}

function step(title, command, commandArgs, stdout) {
  console.log(`\n${title}`)
  const { status } = spawnSync(command, commandArgs, { stdio: ['ignore', stdout, 'inherit'] })
  if (status !== 0) process.exit(status === 2 ? 2 : 1)
}
step('Set up this machine', 'node', ['scripts/setup.mjs'], 'inherit')
step('Build Millwright', 'npm', ['run', '--silent', 'build'], 'ignore')

const { register } = await import('tsx/esm/api')
register()
const { runDemo } = await import('./demo/run.ts')
process.exitCode = await runDemo({ keep: args.includes('--keep') })
