import { spawnSync } from 'node:child_process'

/** Runs a program to its end with its output shown; throws with the command's name when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with status ${status}`)
}

/** As `run`, but shows what the program said only when it fails. */
export function runQuietly(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with status ${status}:\n${stdout}${stderr}`)
}
