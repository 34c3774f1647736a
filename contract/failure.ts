/** Every way in which Millwright can fail. The words for each stand in `core/failures/words.ts` alone. */
export const failureCodes = [
  // the address and the way in
  'ADDRESS_INVALID',
  'ADDRESS_IS_THIS_COMPUTER',
  'ID_INVALID',
  'ID_TAKEN',
  'NAME_NOT_FOUND',
  'UNREACHABLE',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'NOT_SSH',
  'HOST_KEY_CHANGED',
  'HOST_KEY_REJECTED',
  'LOGIN_REFUSED',
  'KEY_FILE_UNREADABLE',
  'PASSPHRASE_WRONG',
  'JUMP_FAILED',
  'SSH_CONFIG_UNSUPPORTED',
  // what was found there
  'REMOTE_SHELL_NOISY',
  'REMOTE_SYSTEM_UNSUPPORTED',
  'REMOTE_WITHOUT_NIX',
  'REMOTE_NIX_TOO_OLD',
  'REMOTE_NIX_CONF_BROKEN',
  'REMOTE_DECLARATIVE',
  'REMOTE_SYSTEM_NOT_BUILDABLE',
  'REMOTE_USER_NOT_TRUSTED',
  'REMOTE_USER_UNFIT',
  'REMOTE_SSHD_REFUSES',
  'SUBSTITUTER_NEEDS_ROOT',
  // changing it
  'SUDO_PASSWORD_WRONG',
  'SUDO_NOT_ALLOWED',
  'REMOTE_DISK_FULL',
  'REMOTE_SCRIPT_FAILED',
  'PLAN_DECLINED',
  // this computer
  'LOCAL_WITHOUT_NIX',
  'LOCAL_SINGLE_USER',
  'LOCAL_DECLARATIVE',
  'LOCAL_NIX_CONF_BROKEN',
  'LOCAL_MACHINES_BROKEN',
  'HELPER_MISSING',
  'HELPER_INSECURE',
  'HELPER_BUSY',
  'HELPER_CONFLICT',
  'HELPER_REFUSED_INPUT',
  'HELPER_ROLLED_BACK',
  'HELPER_FAILED',
  'NOT_AUTHORISED',
  'AUTHORISATION_DISMISSED',
  'NO_WAY_TO_ROOT',
  'BUILDS_RUNNING',
  'KEYCHAIN_UNAVAILABLE',
  'KEYCHAIN_DECLINED',
  'DATA_UNWRITABLE',
  'USER_CONF_READ_ONLY',
  'USER_CONF_DECLARATIVE',
  'USER_CONF_CHANGED',
  'MODES_CONFLICT',
  'MODE_REACHES_EVERYONE',
  'NOTHING_SET_UP',
  // the proof
  'PING_FAILED',
  'PROTOCOL_MISMATCH',
  'BUILD_REFUSED',
  'BUILD_FAILED',
  'BUILT_ELSEWHERE',
  'TIMED_OUT',
  'SHARING_FAILED',
  'SHARING_UNSUPPORTED',
  'CONNECTION_IN_USE',
  // watching
  'REMOTE_NIX_GONE',
  'REMOTE_CLOCK_WRONG',
  'REMOTE_DISK_LOW',
  'REMOTE_OVERLOADED',
  'REMOTE_SCRIPTS_OUTDATED',
  'COLLECT_FAILED',
  'NOT_WATCHED',
  'AUTOSTART_FAILED',
  // the rest
  'NO_SUCH_BUILDER',
  'NO_SUCH_GENERATION',
  'NO_SUCH_JOB',
  'BUILDER_BUSY',
  'QUARANTINED',
  'ANSWER_NEEDED',
  'CANCELLED',
  'INTERRUPTED',
  'INVALID_INPUT',
  'UNEXPECTED',
] as const
export type FailureCode = (typeof failureCodes)[number]

/** What went wrong, as data: the code decides the words, the facts fill them in. */
export interface Failure {
  readonly code: FailureCode
  /** Values for the words: host, user, path, version …; never a secret. */
  readonly facts: Readonly<Record<string, string>>
  /** Raw, capped, cleaned text of the program that failed, for *copy detail*. */
  readonly detail?: string
  /** The step in which it happened. */
  readonly step?: string
}

/** Every reply to a command: data, never a thrown error across a process border. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure }
