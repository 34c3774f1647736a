import type { Jump } from '../../contract/builder'
import type { PublicKey } from '../../contract/grammar'
import type { Answer, Question } from '../../contract/job'
import type { RemoteFacts } from '../../contract/remote'

/** Puts a question to the person and waits. Rejects with CANCELLED when the job is cancelled. */
export type Ask = (question: Question) => Promise<Answer>

/** Where to log in, before the person's SSH configuration has had its say. */
export interface LoginRequest {
  /** A host name, an address, or an alias of the SSH configuration. */
  readonly host: string
  readonly user?: string
  readonly port?: number
  readonly identityFile?: string
}

export interface RunOptions {
  /** Who runs the script, which goes over stdin and never onto a command line. */
  readonly as: 'user' | 'root'
  /** How root is reached (`RemoteFacts.root`); needed with `as: 'root'`. */
  readonly rootWay?: RemoteFacts['root']
  readonly sudoPassword?: string
  /** Whose password that is; of whoever is logged in unless told. It goes to no question for another's. */
  readonly passwordOwner?: string
  /** Each whole line of stdout, as it comes. */
  readonly onLine?: (line: string) => void
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface RunResult {
  readonly code: number
  /** Capped at 64 KiB each. */
  readonly stdout: string
  readonly stderr: string
}

/** An authenticated connection to a machine. Throws after `close`. */
export interface RemoteHost {
  /** The address Nix will use: resolved HostName and Port, and who logged in. */
  readonly host: string
  readonly port: number
  readonly user: string
  /** In words: `key from your SSH agent`, `~/.ssh/id_ed25519`, `password`. */
  readonly authenticatedBy: string
  /** All the host keys the machine offers, read over the authenticated connection. */
  readonly hostKeys: readonly PublicKey[]
  /** The address is one of this computer's own: another port of it may be a virtual machine or a container. */
  readonly hasOwnAddress?: boolean
  readonly jump?: Jump
  /** Runs a script on that machine in between, as who logged in there. */
  readonly runOnJump?: (
    script: string,
    options: Pick<RunOptions, 'timeoutMs' | 'signal'>,
  ) => Promise<RunResult>
  /** Options of the person's SSH configuration that were left out, in lower case; nothing is when absent. */
  readonly ignoredOptions?: readonly string[]
  /**
   * Runs a POSIX script through `/bin/sh -s` there, without a terminal and with nothing on its stdin. All of it or
   * none: cut short on its way it does not begin; on abort, time-out or a lost connection its processes are ended,
   * and the failure comes after that. Fails with REMOTE_COMMAND_NOT_RUN when something else runs in its place (told
   * within 11 s), SUDO_PASSWORD_WRONG, ROOT_PASSWORD_OF_ANOTHER, SUDO_NOT_ALLOWED, ROOT_NOT_REACHED, CONNECTION_LOST,
   * TIMED_OUT; a script's own exit status is the caller's to judge.
   */
  run(script: string, options: RunOptions): Promise<RunResult>
  close(): Promise<void>
}

/** The key with which a machine answers now. Whether it is the right one is for the person to say. */
export interface SeenHostKey {
  /** As resolved by the SSH configuration. */
  readonly host: string
  readonly port: number
  readonly key: PublicKey
  /** Notes it in Millwright's own known_hosts, in the place of an older one of its type. */
  remember(): Promise<void>
}

export interface SshPort {
  /**
   * Logs in: agent, key files, then password or keyboard-interactive by question. Settles the host key first:
   * known → goes on; unknown → asks; changed → HOST_KEY_CHANGED. Nothing secret is sent before. Port 22 of an address of
   * this computer's own is ADDRESS_IS_THIS_COMPUTER.
   */
  open(login: LoginRequest, ask: Ask, signal: AbortSignal): Promise<RemoteHost>
  /**
   * Reads a host's key without logging in: nothing secret is sent. A machine in between is logged in to as by `open`.
   * Fails with what `open` fails with before the host key is settled, and with HOST_KEY_REJECTED for one too weak.
   */
  readHostKey(login: LoginRequest, ask: Ask, signal: AbortSignal): Promise<SeenHostKey>
}
