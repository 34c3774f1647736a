import { spawnSync } from 'node:child_process'

/** Runs a program to its end with its output shown; throws with the command's name when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with status ${status}`)
}
