import type { Failure } from '../../../contract/failure'
import { type FailureCode, failureRows } from '../../../core/failures/rows'
import { failureWords } from '../../../core/failures/words'

type Facts = Readonly<Record<string, string>>

/** Facts that choose between words instead of standing in them. */
const choices: Readonly<Record<string, readonly string[]>> = {
  instead: ['ended', 'reads-input', 'other-program', 'endless', 'refused', 'silent'],
  shell: ['/bin/bash', '/usr/bin/zsh'],
  declarative: ['nixos', 'nix-darwin'],
  manager: ['systemd', 'none'],
  problem: ['empty', 'has-path'],
  question: ['host-key', 'password'],
  reason: ['AllowUsers leaves it out', 'revoked', 'strict', 'weak'],
  work: ['clean-up'],
  whose: ['builds', 'watching'],
  what: ['missing', 'public'],
  type: ['ssh-ed25519', 'ecdsa-sha2-nistp256'],
}

/** Values of a fact; else one that no words hold by themselves. */
export const valuesOf = (name: string) => choices[name] ?? [`some-${name}`]

/** All facts that a row declares. */
export function factsOf(code: FailureCode): Facts {
  const names = Object.keys(failureRows[code].facts)
  return Object.fromEntries(names.map((name) => [name, valuesOf(name)[0] ?? '']))
}

/** What a row requires, with every choice of the facts that it may do without, and every choice of values. */
export function factVariants(code: FailureCode): readonly Facts[] {
  return Object.entries(failureRows[code].facts).reduce<readonly Facts[]>(
    (variants, [name, kind]) =>
      variants.flatMap((facts) => [
        ...(kind === 'optional' ? [facts] : []),
        ...valuesOf(name).map((value) => ({ ...facts, [name]: value })),
      ]),
    [{}],
  )
}

/** Everything that a person reads or copies of it. */
export function textsOf(failure: Pick<Failure, 'code' | 'facts'>): readonly string[] {
  const { title, cause, remedy, action } = failureWords(failure)
  return [title, cause, remedy, ...(action?.text === undefined ? [] : [action.text])]
}
