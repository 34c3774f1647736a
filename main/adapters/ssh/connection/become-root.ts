import { randomBytes } from 'node:crypto'
import type { RunOptions } from '../../../ports/ssh'

/** How a script gets its shell: the command line, and what has to be heard before the script may be sent. */
export interface ShellCommand {
  readonly command: string
  /** Line on stdout from the shell itself; until then anything sent could be taken for something else. */
  readonly ready?: string
  /** What sudo prints on stderr when it wants the password. */
  readonly prompt?: string
}

/**
 * The command for a script's shell. The script, and a password even more so, never stand on it. Undefined when
 * there is no way to root. Nonces, because a prompt or a greeting that can be guessed can be forged or met by
 * chance; `-k`, because a remembered password would leave ours on stdin, for the shell to run as a command.
 */
export function shellCommand({ as, rootWay }: Pick<RunOptions, 'as' | 'rootWay'>): ShellCommand | undefined {
  if (as === 'user' || rootWay === 'is-root') return { command: '/bin/sh -s' }
  const ready = `READY-${randomBytes(12).toString('hex')}`
  const shell = `/bin/sh -c 'echo ${ready}; exec /bin/sh -s'`
  if (rootWay === 'doas') return { command: `doas -n ${shell}`, ready }
  if (rootWay !== 'sudo-free' && rootWay !== 'sudo-password') return undefined
  const prompt = `PROMPT-${randomBytes(12).toString('hex')}`
  return { command: `sudo -k -S -p ${prompt} -- ${shell}`, ready, prompt }
}
