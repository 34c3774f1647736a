import { type RightsReason, whyNotRoot } from '../../../core/causes/rights-messages'
import type { WayToRoot } from '../../../core/nix/installation'
import type { ProgramResult } from '../system/run-program'

/** Whether sudo and its like may be tried: they can ask a person at a terminal, and in one without they are told not to. */
export type RootTerminal = 'interactive' | 'silent' | 'none'

/** The ways that may be tried from here, the best first: in a window there is nobody who would answer a terminal's question. */
export function usableWays(ways: readonly WayToRoot[], terminal: RootTerminal): readonly WayToRoot[] {
  return ways.filter(({ by }) => terminal !== 'none' || by === 'root' || by === 'pkexec')
}

/** What goes before a program to run it as root: nothing where we are root. */
export function rootPrefix(way: WayToRoot, terminal: RootTerminal): readonly string[] {
  const isSilent = terminal !== 'interactive'
  switch (way.by) {
    case 'root':
      return []
    case 'pkexec':
      return [way.program, '--disable-internal-agent']
    case 'sudo':
    case 'doas':
      return [way.program, ...(isSilent ? ['-n'] : []), '--']
    case 'run0':
      return [way.program, ...(isSilent ? ['--no-ask-password'] : []), '--']
  }
}

/** The next way may open where this one is closed to this person, or broken; not where they said no, or mistyped. */
const leadsOn: readonly RightsReason[] = [
  ...(['not-allowed', 'password-needed', 'terminal-needed', 'nobody-to-ask'] as const),
  ...(['account-not-valid', 'program-missing', 'unusable'] as const),
]

/** Tries one way after the other until one is open, or says a thing that ends it. What the last one said is the answer. */
export async function tryWays(
  ways: readonly WayToRoot[],
  attempt: (way: WayToRoot) => Promise<ProgramResult>,
): Promise<ProgramResult | undefined> {
  let last: ProgramResult | undefined
  for (const way of ways) {
    last = await attempt(way)
    if (!isClosed(last)) return last
  }
  return last
}

/** The helper itself says something on stdout before anything else. */
function isClosed({ ended, status, stdout, stderr }: ProgramResult): boolean {
  if (ended === 'missing') return true
  if (ended !== 'exit' || status === 0 || stdout !== '') return false
  const reason = whyNotRoot(stderr)?.reason
  return reason !== undefined && leadsOn.includes(reason)
}
