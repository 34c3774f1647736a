import type { Question } from '../../contract/job'

/**
 * What is said of an answer that was not taken, before the same is asked again. A login that is refused does not say
 * whether it was for the password or the name (sshd asks for a password also where there is no such user).
 */
export function againWords(question: Question): string | undefined {
  if (!('again' in question) || !question.again) return undefined
  switch (question.kind) {
    case 'password':
      return `${question.host} refused that. Is the name ${question.user} right?`
    case 'passphrase':
    case 'sudo-password':
      return 'That was not it. Please type it again.'
    case 'run-as-root':
      return 'That does not end with a result. Paste the last line as it is.'
  }
}
