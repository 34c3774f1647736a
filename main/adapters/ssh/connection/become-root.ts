import { randomBytes } from 'node:crypto'
import type { RunOptions } from '../../../ports/ssh'

/** How a script gets its shell: the command line, and what has to be heard before the script may be sent. */
export interface ShellCommand {
  readonly command: string
  /** Begins the line that the shell itself prints; until then anything sent could be taken for something else. */
  readonly ready: string
  /** How a tool asks for a password; its first group names whose, where the tool tells. */
  readonly asks?: RegExp
  /** Set where the tool talks to a terminal alone, and how the script is then framed. */
  readonly terminal?: Terminal
}

/** What a terminal takes for the pipes that it stands in for. */
export interface Terminal {
  /** A line before which nothing counts for a question of the tool's. */
  readonly mark: string
  /** The line after the script. */
  readonly start: string
  /** The line that stands for the end of the input, which ends the script. */
  readonly stop: string
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
const ofLogin =
  'HOME="$HOME" USER="$USER" LOGNAME="$LOGNAME" SSH_CONNECTION="$SSH_CONNECTION" ' +
  'MILLWRIGHT_LOGIN_PATH="$PATH" MILLWRIGHT_LOGIN_SHELL="$SHELL"'

const nonce = (name: string) => `${name}-${randomBytes(12).toString('hex')}`

/**
 * The command for a script's shell, which has nothing of the login's environment. The script, and a password even
 * more so, never stand on it. Undefined when there is no way to root. Nonces, because a prompt or a greeting that can
 * be guessed can be forged or met by chance; `-k`, because a remembered password would leave ours on stdin, for the
 * shell to run as a command.
 */
export function shellCommand({ as, rootWay }: Pick<RunOptions, 'as' | 'rootWay'>): ShellCommand | undefined {
  const ready = nonce('READY')
  if (as === 'user') {
    const shell = `/bin/sh -c "echo ${ready} \\$MILLWRIGHT_LOGIN_SHELL; exec /bin/sh -s"`
    return { command: `exec /bin/sh -c '${clean} ${ofLogin} ${shell}'`, ready }
  }
  const shell = `/bin/sh -c "echo ${ready}; exec /bin/sh -s"`
  const cleaned = `/bin/sh -c '${clean} ${shell}'`
  switch (rootWay) {
    case 'is-root':
      return { command: `exec /bin/sh -c '${clean} ${shell}'`, ready }
    case 'doas':
      return { command: `${clean} doas -n ${cleaned}`, ready }
    case 'sudo-free':
    case 'sudo-password':
    case 'sudo-unsure': {
      // sudo(8): %p is whose password is asked for, which rootpw and targetpw decide. sudo-rs leaves it as it is.
      const prompt = nonce('PROMPT')
      return {
        command: `${clean} sudo -k -S -p ${prompt}:%p: -- ${cleaned}`,
        ready,
        asks: new RegExp(`${prompt}:([^:\n]*):`),
      }
    }
    case 'sudo-terminal':
    case 'doas-password':
    case 'su':
      return onTerminal(rootWay, ready)
    default:
      return undefined
  }
}

/**
 * doas(1) and su(1) ask on a terminal alone, as does sudo where sudoers(5) says requiretty; so sshd makes one. A shell
 * that reads commands from a terminal would prompt for each: ours reads the script first, to a line of our own.
 */
function onTerminal(rootWay: 'sudo-terminal' | 'doas-password' | 'su', ready: string): ShellCommand {
  const terminal = { mark: nonce('ASK'), start: nonce('START'), stop: nonce('STOP') }
  const prompt = nonce('PROMPT')
  const line = `while IFS= read -r line; do [ "$line" = ${terminal.start} ] && break; printf "%s\\n" "$line"; done`
  const shell = `'echo ${ready}; script=$(${line}); eval "$script"'`
  const tools = {
    'sudo-terminal': `sudo -k -p ${prompt}:%p: -- /bin/sh -c ${shell}`,
    'doas-password': `doas /bin/sh -c ${shell}`,
    su: `su root -s /bin/sh -c ${shell}`,
  }
  const asks = {
    'sudo-terminal': new RegExp(`${prompt}:([^:\n]*):`),
    'doas-password': /doas \(([^@\n]+)@[^)\n]*\) password: $/,
    su: /Password: $/,
  }
  const first = `'echo ${terminal.mark}; ${clean} LC_ALL=C "$@"'`
  return { command: `exec /bin/sh -c ${first} sh ${tools[rootWay]}`, ready, asks: asks[rootWay], terminal }
}
