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

/** Where systems keep their programs, NixOS and its setuid wrappers among them; never a folder of the login's. */
const systemPath = [
  ...['/run/wrappers/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/run/current-system/sw/bin'],
  ...['/usr/local/sbin', '/usr/local/bin'],
].join(':')

/**
 * `exec`, because a shell's start-up file can define a function even by the name of an absolute path; env(1) looks
 * along the PATH that it is given here, so that what the login put into its own is neither run nor told a password.
 */
const clean = `exec /usr/bin/env -i PATH=${systemPath}`

/** What the look says of the login itself. Kept by a shell that finds its special builtins before any function. */
const asLogin = `exec /bin/sh -c '${clean} HOME="$HOME" USER="$USER" LOGNAME="$LOGNAME" SSH_CONNECTION="$SSH_CONNECTION" MILLWRIGHT_LOGIN_PATH="$PATH" /bin/sh -s'`

/**
 * The command for a script's shell, which has nothing of the login's environment. The script, and a password even
 * more so, never stand on it. Undefined when there is no way to root. Nonces, because a prompt or a greeting that can
 * be guessed can be forged or met by chance; `-k`, because a remembered password would leave ours on stdin, for the
 * shell to run as a command.
 */
export function shellCommand({ as, rootWay }: Pick<RunOptions, 'as' | 'rootWay'>): ShellCommand | undefined {
  if (as === 'user') return { command: asLogin }
  if (rootWay === 'is-root') return { command: `${clean} /bin/sh -s` }
  const ready = `READY-${randomBytes(12).toString('hex')}`
  const shell = `/bin/sh -c '${clean} /bin/sh -c "echo ${ready}; exec /bin/sh -s"'`
  if (rootWay === 'doas') return { command: `${clean} doas -n ${shell}`, ready }
  if (rootWay !== 'sudo-free' && rootWay !== 'sudo-password') return undefined
  const prompt = `PROMPT-${randomBytes(12).toString('hex')}`
  return { command: `${clean} sudo -k -S -p ${prompt} -- ${shell}`, ready, prompt }
}
