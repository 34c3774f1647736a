import type { Said } from '../../contract/helper'
import { heardLines } from './heard-lines'
import { findCause, type MessageRow } from './message'

const conf = (says: RegExp): MessageRow<'conf'> => ({ by: 'nix', says, reason: 'conf' })

/** What any program of Nix says of a configuration that it does not take, 2.3 to 2.36 (config.cc, configuration.cc). */
const messages: readonly MessageRow<'conf'>[] = [
  conf(
    /^(?:illegal configuration line|syntax error in configuration line) '.{0,300}' in ['"](?<path>\/[^'"]{1,400})['"]$/,
  ),
  // The line that names the lost one is what has to be put right, and stands in the second.
  conf(/^file ['"]\/[^'"]{1,400}['"] included from ['"](?<path>\/[^'"]{1,400})['"] not found$/),
  conf(/^configuration setting '[^']{1,80}' should be .{1,120}$/),
  conf(/^(?:Boolean setting|setting) '[^']{1,80}' has invalid value '.{0,200}'$/),
]

/** The line that says what is wrong in which file; undefined where Nix says something else. */
export function confProblem(stderr: string): Said | undefined {
  const cause = findCause(messages, heardLines(stderr))
  return cause && { by: cause.by, line: cause.line, facts: cause.facts }
}
