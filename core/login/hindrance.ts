import type { RemoteFacts } from '../../contract/remote'
import type { KnownFailure } from '../failures/failure'
import { usesPam, type Visitor, whatSshdRefuses } from './sshd'

/** As whom builds would come in, and where their scripts would lie, as far as it is known. */
export interface BuildUser extends Omit<Visitor, 'address' | 'host'> {
  readonly folder?: string
}

/** What was seen to keep the user of builds out, or its scripts from running; undefined when nothing was. */
export function whatHindersBuilds(
  facts: Pick<RemoteFacts, 'nologin' | 'noexec' | 'sshd' | 'pamAccess' | 'keysUnsafe'>,
  { folder, ...who }: BuildUser,
): KnownFailure | undefined {
  // sshd without PAM reads but one of the two files (session.c, do_nologin).
  const isRead = usesPam(facts, who) !== false || facts.nologin?.startsWith('/etc/nologin:')
  if (facts.nologin !== undefined && isRead) return { code: 'REMOTE_NOLOGIN', facts: { said: facts.nologin } }
  const reason = whatSshdRefuses(facts, who)
  if (reason !== undefined) return { code: 'REMOTE_SSHD_REFUSES', facts: { reason, user: who.user } }
  const noexec = facts.noexec?.find((one) => `${folder}/`.startsWith(`${one}/`))
  return noexec === undefined ? undefined : { code: 'REMOTE_NOEXEC', facts: { path: noexec } }
}
