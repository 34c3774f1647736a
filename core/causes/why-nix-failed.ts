import type { HelperReason, Said } from '../../contract/helper'
import { cleanLine } from '../text/clean-text'
import { heardLines } from './heard-lines'
import { type Cause, findCause, type HeardLine, type MessageRow, type Place } from './message'
import { isAftermath, nixMessages } from './nix-messages'
import { sshBeforeLogin, sshHungUp, sshThroughJump } from './ssh-messages'

/** What Nix was doing: a handshake is with the builder's Nix alone, a build goes through this computer's daemon too. */
export interface Attempt {
  readonly of: 'handshake' | 'build'
  readonly target: Place
  /** The machine in between. */
  readonly jump?: Place
}

/** Why Nix could not use a builder, as far as it was said. */
export interface Explanation {
  readonly reason: HelperReason
  readonly said?: Said
}

/**
 * From what `nix` printed on stderr to a reason. A cause is only what a program says word for word, of this machine and
 * at a moment when it can know; else it is `unknown`, with the line that says the most, or `ping-failed` where nobody
 * said anything but that a handshake ended.
 */
export function whyNixFailed(stderr: string, { of, target, jump }: Attempt): Explanation {
  const heard = heardLines(stderr)
  const lines = of === 'handshake' ? heard.map((line) => ({ ...line, isRemote: true })) : heard
  const cause =
    (jump && causeAtJump(lines, jump)) ??
    findCause(sshBeforeLogin, lines, target) ??
    (jump && findCause(sshThroughJump, lines)) ??
    findCause(nixMessages, lines, { ...(target.user ? { user: target.user } : {}) }) ??
    hangUp(lines, target, jump)
  const where = {
    ...(target.host ? { host: target.host } : {}),
    ...(target.port ? { port: target.port } : {}),
    ...(jump?.host ? { jump: jump.host } : {}),
  }
  if (cause) {
    const { reason, by, line, facts } = cause
    return { reason, said: { by, line: cleanLine(line, longestLine), facts: { ...facts, ...where } } }
  }
  const line = lineToQuote(lines)
  if (line === undefined) return { reason: 'unknown' }
  const isSilent = lines.every(({ text }) => isAftermath(text) || beside.test(text))
  const reason = of === 'handshake' && isSilent ? 'ping-failed' : 'unknown'
  return { reason, said: { line: cleanLine(line, longestLine), facts: where } }
}

const longestLine = 400

/** Only what names the machine in between is of it; what became of it there is not what the target did. */
function causeAtJump(lines: readonly HeardLine[], jump: Place): Cause<HelperReason> | undefined {
  const cause = findCause(sshBeforeLogin.filter(namesMachine), lines, jump)
  if (!cause) return undefined
  const isKey = cause.reason === 'host-key-changed'
  return { ...cause, reason: isKey ? 'jump-host-key-changed' : 'jump-blocked' }
}

/** Behind a proxy the other end has no address, and whatever has one is the machine in between. */
function hangUp(
  lines: readonly HeardLine[],
  target: Place,
  jump: Place | undefined,
): Cause<HelperReason> | undefined {
  if (!lines.some(({ text }) => behindProxy.test(text))) return findCause(sshHungUp, lines, target)
  const cause = jump && findCause(sshHungUp.filter(namesAddress), lines, jump)
  return cause && { ...cause, reason: 'jump-blocked' }
}

const behindProxy = /\bUNKNOWN port 65535\b/
const namesAddress = ({ says }: MessageRow<HelperReason>) => /\?<address>/.test(says.source)
const namesMachine = ({ says }: MessageRow<HelperReason>) => /\?<(?:host|alias)>/.test(says.source)

/** Neither warnings nor what ssh and Nix always add. */
const beside =
  /^(?:warning: |Warning: |Store URL: |Version: |Trusted: |Pseudo-terminal will not be allocated|\*\* |@{10,}|Last \d+ log lines)/

/** The last line that may say why; else the first that says at least what did not work. */
function lineToQuote(lines: readonly HeardLine[]): string | undefined {
  const telling = lines.filter(({ text }) => !beside.test(text))
  const own = telling.filter(({ from, text }) => from !== 'log' && !isAftermath(text))
  return (own.at(-1) ?? telling.filter(({ from }) => from === 'log').at(-1) ?? telling[0])?.text
}
