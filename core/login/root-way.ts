import type { RemoteFacts } from '../../contract/remote'

type RootWay = RemoteFacts['root']

/** What is known of becoming root there. */
export type RootFacts = Pick<RemoteFacts, 'root' | 'passwordOwner'> & {
  /** As that machine calls the login, which may be typed in other ways: `jane@corp.example` for `CORP\jane`. */
  readonly user?: string
}

const withPassword: readonly RootWay[] = [
  ...(['sudo-password', 'sudo-unsure', 'sudo-terminal', 'doas-password', 'su'] as const),
]
const unsure: readonly RootWay[] = ['sudo-unsure', 'sudo-terminal', 'su']

/** Whether a password has to be at hand; sudo on a terminal may turn out to ask for none. */
export function takesPassword(root: RootWay): boolean {
  return withPassword.includes(root)
}

/** Whether only the attempt tells if this login may become root: no tool has said that it may. */
export function isUnsure(root: RootWay): boolean {
  return unsure.includes(root)
}

/** Whose password it takes: the login's own but with su, and where sudo has said otherwise (sudoers(5), rootpw). */
export function passwordOwner({ root, passwordOwner, user }: RootFacts, login: string): string {
  return passwordOwner ?? (root === 'su' ? 'root' : user || login)
}
