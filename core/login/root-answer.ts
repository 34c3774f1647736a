import { cleanLine } from '../text/clean-text'

/** What sudo, doas or su said instead of making somebody root: its own line, and what that means. */
export interface RootAnswer {
  /** `refused`: not this person; `wrong`: not this password; `asks`: a password, and none was given. */
  readonly means: 'refused' | 'wrong' | 'asks'
  readonly line: string
}

/** Whole lines, in the C locale. Who says them since when stands beside each. */
const messages: readonly (readonly [RootAnswer['means'], RegExp])[] = [
  // sudo 1.8 to 1.9 (plugins/sudoers/logging.c); from 1.9.13 on the second sentence may be missing.
  ['refused', /^\S+ is not in the sudoers file\.(?: {1,2}This incident .*)?$/],
  ['refused', /^\S+ is not allowed to run sudo on \S+\.(?: {1,2}This incident .*)?$/],
  ['refused', /^Sorry, user \S+ may not run sudo on \S+\.$/],
  ['refused', /^Sorry, user \S+ is not allowed to execute '.*' as \S+ on \S+\.$/],
  // sudo-rs (src/common/error.rs, NotAllowed), read there and not seen.
  ['refused', /^(?:sudo: )?I'm sorry \S+\. I'm afraid I can't do that$/],
  ['wrong', /^sudo: \d+ incorrect password attempts?$/],
  ['wrong', /^sudo: (?:Authentication failed, try again\.|Maximum \d+ incorrect authentication attempts)$/],
  ['asks', /^sudo: a password is required$/],
  ['asks', /^sudo: interactive authentication is required$/],
  // OpenDoas 6.8 (doas.c: errc EPERM and "Authentication …").
  ['refused', /^doas: Operation not permitted$/],
  ['wrong', /^doas: Authentication failed$/],
  ['asks', /^doas: Authentication required$/],
  // su of util-linux and of shadow; pam_wheel(8) says the first. The last is busybox.
  ['refused', /^su: Permission denied$/],
  ['wrong', /^su: Authentication failure$/],
  ['wrong', /^su: incorrect password$/],
]

/** The line that says it exactly; undefined where nothing does, and then nothing is known but what was said. */
export function parseRootAnswer(text: string): RootAnswer | undefined {
  for (const raw of text.split('\n')) {
    const line = cleanLine(raw)
    const found = messages.find(([, pattern]) => pattern.test(line))
    if (found) return { means: found[0], line }
  }
  return undefined
}
