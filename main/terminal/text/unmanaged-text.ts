import type { UnmanagedBuilder } from '../../../contract/snapshot'
import { unmanagedState, unmanagedWhere } from '../../../core/status/unmanaged-words'
import { cleanLine } from '../../../core/text/clean-text'
import { table } from './table'

const head = ['Not managed', 'State', 'Systems', 'Jobs', 'Written in']
/** Whoever writes a machines file may write anything. */
const mostLetters = 200

/** Builders that others wrote, below our own; nothing where there are none. */
export function unmanagedText(unmanaged: readonly UnmanagedBuilder[]): string {
  if (unmanaged.length === 0) return ''
  const row = (one: UnmanagedBuilder) => [
    one.name,
    unmanagedState(one),
    (one.machine?.systems ?? []).join(' '),
    one.machine ? `${one.runningBuilds ?? '?'} of ${one.machine.maxJobs}` : '?',
    unmanagedWhere(one),
  ]
  return `\n${table(
    head,
    unmanaged.map((one) => row(one).map((cell) => cleanLine(cell, mostLetters))),
  )}`
}

/** The same in `list --json` and `status --json`; what is not known is null. */
export function unmanagedJson(unmanaged: readonly UnmanagedBuilder[]) {
  return unmanaged.map(({ name, where, isDeclared, machine, builder, runningBuilds, answer }) => ({
    name,
    where,
    declared: isDeclared ?? false,
    store: machine?.uri ?? null,
    systems: machine?.systems ?? null,
    sshKey: machine?.sshKey ?? null,
    maxJobs: machine?.maxJobs ?? null,
    speedFactor: machine?.speedFactor ?? null,
    supportedFeatures: machine?.supportedFeatures ?? null,
    mandatoryFeatures: machine?.mandatoryFeatures ?? null,
    sameAs: builder ?? null,
    slotsInUse: runningBuilds ?? null,
    answer: answer
      ? { at: answer.at, latencyMs: answer.latencyMs ?? null, failure: answer.failure?.code ?? null }
      : null,
  }))
}
